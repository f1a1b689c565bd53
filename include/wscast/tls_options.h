#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace wscast {

/// A certificate and its key, as paths of PEM files. Keys with a passphrase cannot be used.
struct CertificateFiles {
  std::string certificate;  ///< The server's certificate, then those that lead to its authority.
  std::string key;          ///< Its private key: RSA, ECDSA or Ed25519.
};

/// A version of TLS.
enum class TlsVersion : std::uint8_t {
  tls_1_2,
  tls_1_3,
};

/// How a listener speaks TLS: versions 1.2 and 1.3 with the ciphers and groups of Mozilla's
/// "intermediate" recommendation, ALPN `http/1.1`, resumption by tickets; no renegotiation, no
/// compression, no early data. The initialisers are the defaults.
struct TlsOptions {
  /// At least one, unless `self_signed`. A client gets the first whose names match the name that it
  /// asks for (SNI): names are the DNS names of a certificate's SAN, exact or `*.example.com`;
  /// without a match, the first of all. Two with the same names and different kinds of keys (RSA
  /// and ECDSA) stand for one: a client gets the one that it can verify.
  std::vector<CertificateFiles> certificates{};

  /// For trying out, instead of `certificates`: the listener makes a certificate for `localhost`,
  /// `127.0.0.1` and `::1` that no client trusts, in memory, new at each listen().
  bool self_signed = false;

  /// The lowest version of TLS that a client may speak.
  TlsVersion min_version = TlsVersion::tls_1_2;

  /// How long a client may take from connecting to the end of its handshake; then the connection is
  /// reset. 0: no limit. TransportOptions::head_timeout begins when the handshake has ended.
  std::chrono::milliseconds handshake_timeout{10'000};

  /// Handshakes under way at once, on all listeners of the server together; over it a connection is
  /// closed when it begins one. A handshake begins with its first byte. Must not be 0.
  std::size_t max_handshakes = 1'024;

  /// How often to look whether a certificate or key file has changed, also by a symbolic link; then
  /// the files are loaded as Server::reload_certificates() does. 0: never.
  std::chrono::milliseconds reload_interval{5'000};
};

/// What became of Server::reload_certificates().
struct CertificateReload {
  std::size_t listeners = 0;  ///< Those that present what their files hold now.

  /// One sentence for each other listener: its address, the file and what is wrong. It keeps the
  /// certificates that it had.
  std::vector<std::string> faults{};
};

}  // namespace wscast
