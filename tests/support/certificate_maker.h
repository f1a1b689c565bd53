#pragma once

#include <string>

#include "net/tls/openssl.h"

namespace wscast::test {

/// A certificate and its key, made for a test.
struct Identity {
  net::PkeyPointer key;
  net::X509Pointer certificate;
};

struct IdentityWish {
  std::string subject;

  /// Who signs it; null: it is an authority, signed by itself.
  const Identity* issuer = nullptr;
  std::string names = "DNS:localhost,IP:127.0.0.1";  ///< Not those of an authority.
  int rsa_bits = 0;                                  ///< 0: ECDSA.
  bool expired = false;                              ///< Since a day; else it has a day left.
};

// Each throws std::runtime_error if it fails.

Identity make_identity(const IdentityWish& wish);
void write_certificate(const Identity& identity, const std::string& file);
void write_key(const Identity& identity, const std::string& file);

/// Writes the key that `from` has, with the passphrase `secret`.
void encrypt_key(const std::string& from, const std::string& to);

}  // namespace wscast::test
