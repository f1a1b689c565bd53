#include "interrupt.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <fcntl.h>
#include <signal.h>
#include <system_error>
#include <unistd.h>

#include "exit_code.h"

namespace wscast::program {
namespace {

// What a signal handler may use.
std::array<int, 2> ends = {-1, -1};  // NOLINT: of a pipe.
volatile sig_atomic_t received = 0;  // NOLINT
timespec first{};                    // NOLINT

/// timeout(1) sends a signal to its child, and at once to the group, which the child is in.
constexpr std::int64_t kSameSignalMs = 100;

std::int64_t ms_since(const timespec& time) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - time.tv_sec) * 1'000 + (now.tv_nsec - time.tv_nsec) / 1'000'000;
}

void on_signal(int /*signal*/) {
  if (received != 0 && ms_since(first) > kSameSignalMs) _exit(kEndedAtOnce);
  if (received != 0) return;
  ::clock_gettime(CLOCK_MONOTONIC, &first);
  received = 1;
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(ends[1], "", 1);
  errno = error;
}

}  // namespace

Interrupt::Interrupt() {
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    throw std::system_error(errno, std::generic_category(), "no pipe");
  }
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

Interrupt::~Interrupt() {
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
  ::close(ends[0]);
  ::close(ends[1]);
}

int Interrupt::fd() const {
  return ends[0];
}

bool Interrupt::asked() const {
  return received != 0;
}

}  // namespace wscast::program
