#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wscast/tls_options.h"

#include "base/clock.h"
#include "net/tls/openssl.h"

namespace wscast::net {

/// A server's certificate with its key, and the certificates that lead to its authority. A value of
/// one thread at a time.
struct Certificate {
  X509Pointer certificate;
  ChainPointer chain;
  PkeyPointer key;
  std::vector<std::string> names{};  ///< The DNS names that it is for, in lower case, sorted.

  /// For people: the names, or the subject when there are none.
  std::string title() const;

  /// The time in UTC after which it is invalid, such as `2027-01-31 12:00:00`.
  std::string expiry() const;

  /// Whether it is invalid at `time`: expired, or not valid yet.
  bool invalid_at(WallTime time) const;
};

/// Reads a certificate and its key. std::nullopt, with one sentence in `fault`, when they cannot be
/// used together. An invalid date is no fault.
std::optional<Certificate> load_certificate(const CertificateFiles& files, std::string& fault);

/// Makes a certificate for `localhost`, `127.0.0.1` and `::1`, valid for 30 days. Throws
/// std::runtime_error when OpenSSL fails.
Certificate make_self_signed();

}  // namespace wscast::net
