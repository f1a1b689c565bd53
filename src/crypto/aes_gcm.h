#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <openssl/types.h>

#include "crypto/secret.h"

namespace wscast::crypto {

inline constexpr std::size_t kIvBytes = 12;
inline constexpr std::size_t kTagBytes = 16;
using Iv = std::array<std::uint8_t, kIvBytes>;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const noexcept;
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

/// Encrypts with AES-256-GCM (NIST SP 800-38D) and one key, which is expanded once and wiped when
/// this goes. No additional data; one thread.
class AesGcmSealer {
 public:
  /// Throws std::runtime_error when OpenSSL fails.
  explicit AesGcmSealer(const Key256& key);

  /// Writes `plain.size()` bytes of ciphertext and the tag behind it. An `iv` must never come twice
  /// for one key. False when OpenSSL fails.
  bool seal(const Iv& iv, std::span<const std::uint8_t> plain, std::span<std::uint8_t> out);

 private:
  CipherContext context_;
};

/// The same the other way round.
class AesGcmOpener {
 public:
  /// Throws std::runtime_error when OpenSSL fails.
  explicit AesGcmOpener(const Key256& key);

  /// Writes `sealed.size() - kTagBytes` bytes. False when the tag does not fit, or is not there:
  /// then what was written means nothing.
  bool open(const Iv& iv, std::span<const std::uint8_t> sealed, std::span<std::uint8_t> out);

 private:
  CipherContext context_;
};

}  // namespace wscast::crypto
