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

/// Encrypts with AES-256-GCM (NIST SP 800-38D) and a key, which is expanded once and wiped on
/// destruction. No additional data; one thread.
class AesGcmSealer {
 public:
  /// Throws std::runtime_error if OpenSSL fails.
  explicit AesGcmSealer(const Key256& key);

  /// Goes on with another key. Throws std::runtime_error if OpenSSL fails.
  void set_key(const Key256& key);

  /// Writes `plain.size()` bytes of ciphertext, then the tag. An `iv` must never be used twice with
  /// one key. Returns false if OpenSSL fails.
  bool seal(const Iv& iv, std::span<const std::uint8_t> plain, std::span<std::uint8_t> out);

 private:
  CipherContext context_;
};

/// Decrypts what AES-256-GCM encrypted, with a key.
class AesGcmOpener {
 public:
  /// Throws std::runtime_error if OpenSSL fails.
  explicit AesGcmOpener(const Key256& key);

  /// Goes on with another key. Throws std::runtime_error if OpenSSL fails.
  void set_key(const Key256& key);

  /// Writes `sealed.size() - kTagBytes` bytes. Returns false if the tag does not match or is
  /// missing; the output is undefined then.
  bool open(const Iv& iv, std::span<const std::uint8_t> sealed, std::span<std::uint8_t> out);

 private:
  CipherContext context_;
};

}  // namespace wscast::crypto
