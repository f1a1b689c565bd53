#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace wscast::program {

/// Notifies systemd of the state of the service (sd_notify(3)). Every call is a no-op when the
/// program was not started by a unit with `Type=notify`, which NOTIFY_SOCKET in the environment
/// says. Any thread.
class Systemd {
 public:
  /// How often the status is brought up to date.
  static constexpr std::chrono::seconds kPeriod{10};

  Systemd() = default;
  ~Systemd();
  Systemd(const Systemd&) = delete;
  Systemd& operator=(const Systemd&) = delete;

  /// Says what it is doing before ready(), in a few words.
  static void starting(std::string_view status);

  /// The start is complete. From now on a thread sends what `status` returns, whenever it changes,
  /// and, if the unit has a `WatchdogSec`, that the service is alive, twice in that time, while
  /// `healthy` returns true. Call it once.
  void ready(std::function<bool()> healthy, std::function<std::string()> status);

  /// Runs `reload`, and says that the service reloads meanwhile.
  static void reloading(const std::function<void()>& reload);

  /// It is about to end, which may take as long as `longest`, whatever `TimeoutStopSec` says.
  void stopping(std::string_view status, std::chrono::milliseconds longest);

 private:
  void run();

  std::function<bool()> healthy_;
  std::function<std::string()> status_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  bool stopping_ = false;  ///< The status is that of stopping() from now on.
  std::chrono::microseconds period_{};
  bool watched_ = false;
  std::thread thread_;
};

}  // namespace wscast::program
