#include "doctor/certificate_checks.h"

#include "net/tls/certificate.h"

namespace wscast::program {

Finding check_certificate(const CertificateFiles& files, const std::string& flag,
                          std::chrono::system_clock::time_point now) {
  constexpr std::chrono::days kSoon{14};
  Finding finding{.check = "certificate", .what = files.certificate};
  std::string fault;
  const auto certificate = net::load_certificate(files, fault);
  if (!certificate) {
    finding.level = Finding::Level::error;
    finding.what = fault;
    finding.mend = "name other files by " + flag + ", readable by this user";
    return finding;
  }
  finding.what += " for " + certificate->title() + " until " + certificate->expiry() + " UTC";
  if (certificate->invalid_at(now)) {
    finding.level = Finding::Level::error;
    finding.what += ", which is not valid now";
    finding.mend = "renew it, and send SIGHUP";
  } else if (certificate->invalid_at(now + kSoon)) {
    finding.level = Finding::Level::warning;
    finding.what += ", in less than 14 days";
    finding.mend = "renew it, and send SIGHUP";
  }
  return finding;
}

}  // namespace wscast::program
