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

/// A key of OpenSSL's, wiped when it goes.
using Pkey = std::unique_ptr<EVP_PKEY, FreePkey>;

/// A point in SEC 1's uncompressed form: 0x04, x, y.
inline constexpr std::size_t kPointBytes = 65;
using Point = std::array<std::uint8_t, kPointBytes>;

/// Diffie and Hellman's agreement on the curve P-256 (NIST SP 800-56A section 5.7.1.2). What it
/// needs of OpenSSL is fetched once. One thread.
class P256 {
 public:
  /// Throws std::runtime_error when OpenSSL has no such curve.
  P256();

  /// A fresh key pair. Null when OpenSSL fails.
  Pkey generate();

  /// The public half of a key.
  static std::optional<Point> point_of(const Pkey& key);

  /// A public key. Null for whatever is no uncompressed point on the curve: compressed or hybrid
  /// form, the point at infinity, a coordinate that is no field element.
  Pkey import_point(std::span<const std::uint8_t> point);

  /// The shared x coordinate. Nothing when OpenSSL fails.
  static std::optional<Key256> agree(const Pkey& own, const Pkey& peer);

 private:
  std::unique_ptr<EVP_PKEY_CTX, FreePkey> generator_;
  Pkey curve_;  ///< Its parameters alone.
};

}  // namespace wscast::crypto
