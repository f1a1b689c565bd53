#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wscast {

using Bytes = std::vector<std::uint8_t>;

/// The bytes that hexadecimal digits stand for.
inline Bytes hex(std::string_view digits) {
  Bytes bytes;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoul(std::string(digits.substr(at, 2)), nullptr, 16)));
  }
  return bytes;
}

}  // namespace wscast
