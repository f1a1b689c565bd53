#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <openssl/types.h>

#include "crypto/secret.h"

namespace wscast::crypto {

struct FreePkey {
  void operator()(EVP_PKEY* key) const noexcept;
  void operator()(EVP_PKEY_CTX* context) const noexcept;
};

/// An OpenSSL key, wiped on destruction.
using Pkey = std::unique_ptr<EVP_PKEY, FreePkey>;

/// A point in SEC 1's uncompressed form: 0x04, x, y.
inline constexpr std::size_t kPointBytes = 65;
using Point = std::array<std::uint8_t, kPointBytes>;

/// ECDH on the curve P-256 (NIST SP 800-56A section 5.7.1.2). Fetches its OpenSSL objects once. One
/// thread.
class P256 {
 public:
  /// Throws std::runtime_error if OpenSSL lacks the curve.
  P256();

  /// Generates a key pair. Null if OpenSSL fails.
  Pkey generate();

  /// The public half of a key.
  static std::optional<Point> point_of(const Pkey& key);

  /// Reads a public key. Null for anything but an uncompressed point on the curve: compressed or
  /// hybrid form, the point at infinity, a coordinate that is no field element.
  Pkey import_point(std::span<const std::uint8_t> point);

  /// The shared x coordinate; `std::nullopt` if OpenSSL fails.
  static std::optional<Key256> agree(const Pkey& own, const Pkey& peer);

 private:
  std::unique_ptr<EVP_PKEY_CTX, FreePkey> generator_;
  Pkey curve_;  ///< Parameters only.
};

}  // namespace wscast::crypto
