#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"

namespace boost::asio {
class io_context;
}

namespace wscast::redis {

/// A one-shot timer: calls back from the loop, and never after it was cancelled or destroyed. A
/// callback that throws (there is no memory) is called again a little later. Loop thread only.
class Timer {
 public:
  /// After which what there was no memory for is tried again.
  static constexpr std::chrono::milliseconds kRetryPause{100};

  Timer(boost::asio::io_context& loop, std::function<void()> callback);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Fires at `when` at the latest; an earlier time that is set already stays. The callback may be
  /// early and then sets it again: cheaper than to move it with each deadline that comes and goes.
  void fire_by(std::optional<SteadyTime> when);

  void cancel();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace wscast::redis
