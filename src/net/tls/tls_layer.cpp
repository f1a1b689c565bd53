#include "net/tls/tls_layer.h"

#include <utility>

#include "net/tls/tls_stream.h"

namespace wscast::net {

std::vector<std::string> TlsLayer::faults_of(const TlsOptions& options) {
  std::vector<std::string> faults;
  const auto check = [&faults](bool good, const char* sentence) {
    if (!good) faults.emplace_back(sentence);
  };
  check(!options.certificates.empty() || options.self_signed,
        "tls.certificates is empty: name the files of at least one certificate and its key.");
  check(options.certificates.empty() || !options.self_signed,
        "tls.self_signed takes the place of tls.certificates: leave one of them out.");
  check(options.handshake_timeout.count() >= 0 && options.reload_interval.count() >= 0,
        "tls: a time must not be negative.");
  check(options.max_handshakes > 0, "tls.max_handshakes must not be 0.");
  return faults;
}

std::shared_ptr<TlsLayer> TlsLayer::make(const TlsOptions& options,
                                         std::shared_ptr<TlsShared> shared,
                                         std::vector<std::string>& faults) {
  faults = faults_of(options);
  if (!faults.empty()) return nullptr;
  auto certificates = CertificateSet::load(options, shared->clock.wall(), faults);
  if (certificates == nullptr) return nullptr;
  return std::make_shared<TlsLayer>(options, std::move(shared), std::move(certificates));
}

std::unique_ptr<Stream> TlsLayer::wrap(Stream& below, Counters& counters) const {
  return std::make_unique<TlsStream>(below, shared_from_this(), counters);
}

bool TlsLayer::reload(std::vector<std::string>& faults) {
  auto loaded = CertificateSet::load(options_, shared_->clock.wall(), faults);
  if (loaded == nullptr) return false;
  const std::lock_guard lock(mutex_);
  certificates_ = std::move(loaded);
  return true;
}

std::shared_ptr<const CertificateSet> TlsLayer::certificates() const {
  const std::lock_guard lock(mutex_);
  return certificates_;
}

}  // namespace wscast::net
