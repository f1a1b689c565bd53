#pragma once

#include <chrono>
#include <string>

namespace wscast::program {

/// Says on standard error what a command is about, while it takes its time; only on a terminal, so
/// that scripts and logs do not get it. One thread.
class Progress {
 public:
  Progress();

  /// A line now.
  void say(const std::string& what) const;

  /// Whether a line is due: a second after the last one, and after the beginning.
  bool due();

 private:
  const bool shown_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace wscast::program
