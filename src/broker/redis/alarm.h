#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"

namespace boost::asio {
class io_context;
}

namespace wscast::redis {

/// Rings once at a time, from the loop; never after it was cancelled or destroyed. Loop thread
/// only.
class Alarm {
 public:
  Alarm(boost::asio::io_context& loop, std::function<void()> ring);
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  /// Rings at `when` at the latest; earlier if it was to ring earlier already. Who is called too
  /// early sets it again: cheaper than to move it with each deadline that comes and goes.
  void ring_by(std::optional<SteadyTime> when);

  void cancel();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace wscast::redis
