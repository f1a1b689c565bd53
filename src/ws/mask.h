#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace wscast::ws {

using MaskKey = std::array<std::uint8_t, 4>;

/// Masks or unmasks `bytes` in place (RFC 6455 section 5.3). `position`: their offset in the
/// frame's payload.
void apply_mask(std::span<std::uint8_t> bytes, const MaskKey& key, std::uint64_t position);

}  // namespace wscast::ws
