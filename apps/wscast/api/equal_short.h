#pragma once

#include <cstddef>
#include <string_view>

namespace wscast::program {

/// Whether two short texts are equal, such as names. memcmp() of glibc reads 32 bytes of each where
/// the processor has AVX-512, and where these reach into a page that is not there, as behind a
/// literal at the end of one, that takes a hundred times as long.
constexpr bool equal_short(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i] != right[i]) return false;
  }
  return true;
}

}  // namespace wscast::program
