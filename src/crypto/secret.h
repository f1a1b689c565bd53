#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <openssl/crypto.h>

namespace wscast::crypto {

/// Key bytes, wiped on destruction.
template <std::size_t Size>
class Secret {
 public:
  Secret() = default;
  Secret(const Secret& other) = default;
  Secret& operator=(const Secret& other) = default;
  ~Secret() { OPENSSL_cleanse(bytes_.data(), Size); }

  std::span<std::uint8_t, Size> bytes() { return bytes_; }
  std::span<const std::uint8_t, Size> bytes() const { return bytes_; }

 private:
  std::array<std::uint8_t, Size> bytes_{};
};

using Key256 = Secret<32>;

}  // namespace wscast::crypto
