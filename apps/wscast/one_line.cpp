#include "one_line.h"

#include <cstddef>

namespace wscast::program {
namespace {

constexpr std::size_t kMaxLine = 500;

}  // namespace

std::string one_line(std::string_view message) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : message.substr(0, kMaxLine)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    } else {
      out += c;
    }
  }
  if (message.size() > kMaxLine) out += "...";
  return out;
}

}  // namespace wscast::program
