#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/tls_options.h"

#include "base/clock.h"
#include "net/tls/certificate.h"
#include "net/tls/openssl.h"

namespace wscast::net {

/// The certificates that a listener presents at one time, never changed. Any thread.
class CertificateSet {
 public:
  /// Loads what `options` name. Null, with one sentence in `faults` for each pair that cannot be
  /// used. A certificate that is invalid at `now` is used; warnings() says so.
  static std::shared_ptr<const CertificateSet> load(const TlsOptions& options, WallTime now,
                                                    std::vector<std::string>& faults);

  /// The context for a client that asks for `name`; see TlsOptions::certificates.
  SSL_CTX* choose(std::string_view name) const;

  /// The context for a client that asks for no name.
  SSL_CTX* first() const { return groups_.front().context.get(); }

  /// Names and expiry of each certificate, for a log line.
  const std::string& summary() const { return summary_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  /// Certificates for the same names with different kinds of keys.
  struct Group {
    SslContextPointer context;
    std::vector<std::string> names;
    std::vector<int> kinds;
  };

  bool add(const Certificate& certificate, TlsVersion min_version);
  Group& group_for(const Certificate& certificate, TlsVersion min_version);
  void describe(const Certificate& certificate, WallTime now);

  std::vector<Group> groups_;
  std::map<std::string, std::size_t, std::less<>> by_name_;  ///< Places in groups_.
  std::string summary_;
  std::vector<std::string> warnings_;
};

}  // namespace wscast::net
