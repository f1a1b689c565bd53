#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "crypto/secret.h"

namespace wscast::crypto {

/// Derives `out` from key material by HKDF with SHA-256 (RFC 5869). Returns false if OpenSSL
/// fails, or if `out` is longer than HKDF can fill (8,160 bytes). Any thread.
bool hkdf_sha256(std::span<const std::uint8_t> material, std::span<const std::uint8_t> salt,
                 std::span<const std::uint8_t> info, std::span<std::uint8_t> out);

}  // namespace wscast::crypto
