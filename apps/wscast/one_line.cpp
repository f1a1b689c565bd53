#include "one_line.h"

#include <cstddef>

namespace wscast::program {
namespace {

constexpr std::size_t kMaxLine = 500;

}  // namespace

std::string one_line(std::string_view message) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  unsigned char before = 0;
  for (const char c : message.substr(0, kMaxLine)) {
    const auto byte = static_cast<unsigned char>(c);
    // In UTF-8 U+0080 to U+009F, which terminals obey too, are a 0xc2 and this byte.
    const bool is_c1 = before == 0xc2 && byte >= 0x80 && byte < 0xa0;
    if (byte < 0x20 || byte == 0x7f || is_c1) {
      if (is_c1) out.pop_back();
      if (is_c1) out += "\\xc2";
      out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    } else {
      out += c;
    }
    before = byte;
  }
  if (message.size() > kMaxLine) out += "...";
  return out;
}

}  // namespace wscast::program
