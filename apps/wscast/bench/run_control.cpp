#include "bench/run_control.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <unistd.h>

#include "bench/bench_failure.h"

namespace wscast::program {
namespace {

constexpr std::chrono::milliseconds kPause{100};  ///< Between two pictures of the bar.
constexpr int kWidth = 30;

}  // namespace

RunControl::RunControl() : shown_(::isatty(STDERR_FILENO) != 0) {}

RunControl::~RunControl() {
  clear();
}

void RunControl::begin(const std::string& name, Clock::duration time) {
  name_ = name;
  begin_ = Clock::now();
  time_ = time;
}

void RunControl::begin(const std::string& name, std::size_t total) {
  name_ = name;
  total_ = total;
}

bool RunControl::goes_on(Clock::time_point now, Clock::time_point end) {
  if (shown_ && time_ > Clock::duration::zero()) {
    draw(std::chrono::duration<double>(now - begin_) / time_, now);
  }
  return now < end && !interrupted();
}

void RunControl::done(std::size_t count, Clock::time_point now) {
  if (interrupted()) throw BenchFailure(kDone, "ended by a signal before anything was measured");
  if (shown_)
    draw(static_cast<double>(count) / static_cast<double>(std::max<std::size_t>(total_, 1)), now);
}

void RunControl::draw(double share, Clock::time_point now) {
  if (now < next_) return;
  next_ = now + kPause;
  drawn_ = true;
  const double part = std::clamp(share, 0.0, 1.0);
  const std::string bar(static_cast<std::size_t>(part * kWidth), '#');
  std::fprintf(stderr, "\r\x1b[K%-12s [%-*s] %3.0f %%", name_.c_str(), kWidth, bar.c_str(),
               part * 100);
  std::fflush(stderr);
}

void RunControl::clear() {
  if (!drawn_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace wscast::program
