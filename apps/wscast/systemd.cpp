#include "systemd.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <time.h>
#include <utility>

#include <systemd/sd-daemon.h>

namespace wscast::program {
namespace {

using std::chrono::microseconds;

bool notified() {
  return std::getenv("NOTIFY_SOCKET") != nullptr;  // NOLINT(concurrency-mt-unsafe): never changed.
}

/// One assignment a line. What systemd does not receive is its loss alone.
void notify(const std::string& state) {
  ::sd_notify(0, state.c_str());
}

std::string monotonic_time() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto time = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  return std::to_string(std::chrono::duration_cast<microseconds>(time).count());
}

/// 0: the unit has no watchdog.
microseconds watchdog_time() {
  std::uint64_t time = 0;
  return ::sd_watchdog_enabled(0, &time) > 0 ? microseconds(time) : microseconds(0);
}

}  // namespace

Systemd::~Systemd() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Systemd::starting(std::string_view status) {
  if (notified()) notify("STATUS=" + std::string(status));
}

void Systemd::ready(std::function<bool()> healthy, std::function<std::string()> status) {
  if (!notified()) return;
  healthy_ = std::move(healthy);
  status_ = std::move(status);
  const microseconds watchdog = watchdog_time();
  watched_ = watchdog.count() > 0;
  period_ = watched_ ? std::min<microseconds>(watchdog / 2, kPeriod) : kPeriod;
  notify("READY=1");
  thread_ = std::thread([this] { run(); });
}

void Systemd::run() {
  std::string last;
  std::unique_lock lock(mutex_);
  while (!ended_) {
    std::string status = stopping_ ? last : status_();
    if (status != last) notify("STATUS=" + status);
    last = std::move(status);
    if (watched_ && healthy_()) notify("WATCHDOG=1");
    changed_.wait_for(lock, period_, [this] { return ended_; });
  }
}

void Systemd::reloading(const std::function<void()>& reload) {
  if (notified()) notify("RELOADING=1\nMONOTONIC_USEC=" + monotonic_time());
  reload();
  if (notified()) notify("READY=1");
}

void Systemd::stopping(std::string_view status, std::chrono::milliseconds longest) {
  if (!notified()) return;
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  notify("STOPPING=1\nSTATUS=" + std::string(status) + "\nEXTEND_TIMEOUT_USEC=" +
         std::to_string(std::chrono::duration_cast<microseconds>(longest).count()));
}

}  // namespace wscast::program
