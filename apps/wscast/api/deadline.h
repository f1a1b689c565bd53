#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace wscast::program {

/// Calls a function when a time is over, unless that is moved before. To move it later costs no
/// more than to read the clock: the timer stays, and is set anew when it is due. Thread of its
/// executor only.
class Deadline {
 public:
  using Executor = boost::asio::io_context::executor_type;

  /// `on_expired` is never called within set(), nor after this was destroyed. It may destroy this.
  Deadline(const Executor& executor, std::function<void()> on_expired)
      : on_expired_(std::move(on_expired)), timer_(executor) {}

  /// From now on; instead of the one before.
  void set(std::chrono::milliseconds time);

  /// There is none any more.
  void clear() { due_ = kNever; }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr Clock::time_point kNever = Clock::time_point::max();

  void arm(Clock::time_point when);
  void on_timer();

  const std::function<void()> on_expired_;
  boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor> timer_;
  Clock::time_point due_ = kNever;
  Clock::time_point armed_for_ = kNever;  ///< Not later than `due_`, unless it is kNever.
  const std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< For handlers of the timer.
};

}  // namespace wscast::program
