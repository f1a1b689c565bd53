#include "api/deadline.h"

namespace wscast::program {

void Deadline::set(std::chrono::milliseconds time) {
  due_ = Clock::now() + time;
  if (due_ < armed_for_) arm(due_);
}

void Deadline::arm(Clock::time_point when) {
  armed_for_ = when;
  timer_.expires_at(when);
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
    if (!error && !alive.expired()) on_timer();
  });
}

/// A handler that was due when the timer was set anew finds that in the future.
void Deadline::on_timer() {
  const Clock::time_point now = Clock::now();
  if (armed_for_ > now) return;
  armed_for_ = kNever;
  if (due_ == kNever) return;
  if (due_ > now) return arm(due_);
  due_ = kNever;
  on_expired_();
}

}  // namespace wscast::program
