#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "crypto/p256.h"
#include "crypto/secret.h"

namespace wscast::crypto {

/// Result of the key agreement between client and server.
struct Agreement {
  std::string server_public_key;  ///< For the client: base64 of the point.
  std::string salt;               ///< For the client: base64 of 32 bytes.
  Key256 to_client;
  Key256 to_server;
};

/// The server's side of the agreement on keys (protocol.md S1, S2, S7, S8). One thread.
class KeyAgreement {
 public:
  /// `info`: HKDF info of the server-to-client key. Throws std::runtime_error if OpenSSL lacks an
  /// algorithm.
  KeyAgreement(std::string info, Random& random) : info_(std::move(info)), random_(random) {}

  /// Makes a fresh key pair and salt. `client_public_key`: base64 of a raw uncompressed point.
  /// Returns `std::nullopt` for any other input, and if OpenSSL fails; does not throw.
  std::optional<Agreement> agree(std::string_view client_public_key) noexcept;

 private:
  const std::string info_;
  Random& random_;
  P256 curve_;
};

}  // namespace wscast::crypto
