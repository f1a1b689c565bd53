#include "bench/request_lines.h"

#include <algorithm>
#include <array>
#include <poll.h>
#include <unistd.h>

namespace wscast::program {

bool RequestLines::next(const std::function<bool()>& goes_on) {
  constexpr int kSecond = 1'000;
  while (waiting_ == 0) {
    if (!goes_on()) return false;
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (::poll(&input, 1, kSecond) <= 0) continue;
    std::array<char, 256> text;
    const ssize_t size = ::read(STDIN_FILENO, text.data(), text.size());
    if (size <= 0) return false;
    waiting_ += static_cast<std::size_t>(std::count(text.data(), text.data() + size, '\n'));
  }
  --waiting_;
  return true;
}

}  // namespace wscast::program
