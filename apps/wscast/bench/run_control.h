#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "interrupt.h"

namespace wscast::program {

/// Says how long a load goes on, until its time is over or a signal came; and draws how far it is,
/// on standard error if that is a terminal. One thread.
class RunControl {
 public:
  using Clock = std::chrono::steady_clock;

  RunControl();
  ~RunControl();
  RunControl(const RunControl&) = delete;
  RunControl& operator=(const RunControl&) = delete;

  /// A phase that lasts some time begins.
  void begin(const std::string& name, Clock::duration time);

  /// A phase that lasts until `total` are done begins.
  void begin(const std::string& name, std::size_t total);

  /// Whether a signal asked to end.
  bool interrupted() const { return interrupt_.asked(); }

  /// Whether to go on until `end`. Draws the bar of a phase that lasts some time.
  bool goes_on(Clock::time_point now, Clock::time_point end);

  /// Draws how many are done; throws BenchFailure after a signal.
  void done(std::size_t count, Clock::time_point now);

  /// Takes the bar away, before something is printed.
  void clear();

 private:
  void draw(double share, Clock::time_point now);

  const bool shown_;
  const Interrupt interrupt_;
  std::string name_;
  Clock::time_point begin_{};
  Clock::duration time_{};
  std::size_t total_ = 0;
  Clock::time_point next_{};
  bool drawn_ = false;
};

}  // namespace wscast::program
