#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace wscast {

std::array<std::uint8_t, 20> sha1(std::string_view text);
std::array<std::uint8_t, 32> sha256(std::string_view text);

}  // namespace wscast
