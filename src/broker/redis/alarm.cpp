#include "broker/redis/alarm.h"

#include <boost/asio/steady_timer.hpp>

namespace wscast::redis {

class Alarm::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& loop, std::function<void()> ring)
      : timer_(loop), ring_(std::move(ring)) {}

  void ring_by(SteadyTime when) {
    if (when_ && *when_ <= when) return;
    when_ = when;
    timer_.expires_at(when);
    // The number tells a call that was already on its way when the timer was set anew.
    timer_.async_wait([weak = weak_from_this(), number = ++number_](const auto&) {
      if (const auto self = weak.lock()) self->on_time(number);
    });
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
    ring_();
  }

  boost::asio::steady_timer timer_;
  const std::function<void()> ring_;
  std::optional<SteadyTime> when_;
  std::uint64_t number_ = 0;
};

Alarm::Alarm(boost::asio::io_context& loop, std::function<void()> ring)
    : impl_(std::make_shared<Impl>(loop, std::move(ring))) {}

Alarm::~Alarm() {
  impl_->cancel();
}

void Alarm::ring_by(std::optional<SteadyTime> when) {
  if (when) impl_->ring_by(*when);
}

void Alarm::cancel() {
  impl_->cancel();
}

}  // namespace wscast::redis
