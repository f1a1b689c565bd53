#include "config/tls_arguments.h"

namespace wscast::program {

std::string TlsArguments::option_given() const {
  if (!certificates.empty()) return "tls.certificates";
  if (!keys.empty()) return "tls.keys";
  if (options.self_signed) return "tls.self_signed";
  return min_version == "1.2" ? "" : "tls.min_version";
}

std::vector<std::string> TlsArguments::faults(bool dev, const Naming& name) const {
  std::vector<std::string> faults;
  const std::string certificate = name("tls.certificates");
  const std::string self_signed = name("tls.self_signed");
  if (certificates.size() != keys.size()) {
    faults.push_back(certificate + " was given " + std::to_string(certificates.size()) +
                     " times and " + name("tls.keys") + " " + std::to_string(keys.size()) +
                     " times: each certificate needs its key, in the same order");
  }
  if (options.self_signed && !dev) {
    faults.push_back(self_signed + " is for trying out and needs --dev");
  }
  if (options.self_signed && !certificates.empty()) {
    faults.push_back(self_signed + " and " + certificate + " exclude each other");
  }
  if (!options.self_signed && certificates.empty() && keys.empty()) {
    faults.push_back(name("server.listen_tls") + " needs " + certificate + " FILE and " +
                     name("tls.keys") + " FILE, or " + self_signed + " to try it");
  }
  return faults;
}

TlsOptions TlsArguments::read() const {
  TlsOptions read = options;
  read.min_version = min_version == "1.3" ? TlsVersion::tls_1_3 : TlsVersion::tls_1_2;
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    read.certificates.push_back({.certificate = certificates[i], .key = keys[i]});
  }
  return read;
}

}  // namespace wscast::program
