#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <signal.h>
#include <thread>

namespace wscast::program {

/// Handles the signals of the process on a thread of its own, so that it works while other threads
/// block. SIGTERM ends the program gently, SIGINT soon, a second one of them at once with exit code
/// 130; SIGHUP reloads. Make one per process, before any other thread, which inherits its signal
/// mask.
class Signals {
 public:
  enum class End : std::uint8_t {
    gently,  ///< SIGTERM.
    soon,    ///< SIGINT.
  };

  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Sets what the first SIGINT or SIGTERM calls, on the thread of the signals. Until then it
  /// writes the lines that the log holds back and ends the process with exit code 0.
  void on_end(std::function<void(End)> end);

  /// Sets what SIGHUP calls, on the thread of the signals. Without it SIGHUP is logged and ignored.
  void on_reload(std::function<void()> reload);

  /// Whether SIGINT or SIGTERM was received.
  bool ended() const;

 private:
  void run();
  void handle_end(End how);
  void handle_reload() const;

  sigset_t signals_{};
  mutable std::mutex mutex_;
  std::function<void(End)> end_;
  std::function<void()> reload_;
  bool ended_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace wscast::program
