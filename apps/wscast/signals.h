#pragma once

#include <functional>
#include <mutex>
#include <signal.h>
#include <thread>

namespace wscast::program {

/// Receives the process' signals on a thread of its own, so that they are handled whatever the
/// others wait for. SIGINT or SIGTERM ends the program, a second one at once with exit code 130;
/// SIGHUP is logged and ignored. One a process, made before every other thread: these inherit its
/// signal mask.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// From here on the first SIGINT or SIGTERM calls `end`, on the thread of the signals. Before,
  /// it writes the lines that the log holds back and ends the process with exit code 0.
  void on_end(std::function<void()> end);

  /// Whether SIGINT or SIGTERM came.
  bool ended() const;

 private:
  void run();
  void handle_end();

  sigset_t signals_{};
  mutable std::mutex mutex_;
  std::function<void()> end_;
  bool ended_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace wscast::program
