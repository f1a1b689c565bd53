#include "broker/redis/connection/timer.h"

#include <boost/asio/steady_timer.hpp>

namespace wscast::redis {

class Timer::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& loop, std::function<void()> callback)
      : timer_(loop), callback_(std::move(callback)) {}

  void fire_by(SteadyTime when) {
    if (when_ && *when_ <= when) return;
    when_.reset();  // If what follows throws.
    timer_.expires_at(when);
    // The number recognizes a call that was already on its way when the timer was set again.
    timer_.async_wait([weak = weak_from_this(), number = ++number_](const auto&) {
      if (const auto self = weak.lock()) self->on_time(number);
    });
    when_ = when;
  }

  void cancel() {
    ++number_;
    when_.reset();
    timer_.cancel();
  }

 private:
  void on_time(std::uint64_t number) {
    if (number != number_ || !when_) return;
    when_.reset();
    const auto alive = shared_from_this();
    try {
      callback_();
    } catch (...) {
      fire_by(std::chrono::steady_clock::now() + kRetryPause);
      throw;
    }
  }

  boost::asio::steady_timer timer_;
  const std::function<void()> callback_;
  std::optional<SteadyTime> when_;
  std::uint64_t number_ = 0;
};

Timer::Timer(boost::asio::io_context& loop, std::function<void()> callback)
    : impl_(std::make_shared<Impl>(loop, std::move(callback))) {}

Timer::~Timer() {
  impl_->cancel();
}

void Timer::fire_by(std::optional<SteadyTime> when) {
  if (when) impl_->fire_by(*when);
}

void Timer::cancel() {
  impl_->cancel();
}

}  // namespace wscast::redis
