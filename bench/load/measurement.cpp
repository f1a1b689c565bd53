#include "measurement.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <limits>
#include <system_error>

namespace wscast::bench {

Measurement::Measurement(std::optional<pid_t> server) {
  latencies_.reserve(1 << 22);  // So that measuring never waits for memory to be moved.
  if (!server) return;
  clockid_t clock = 0;
  if (const int error = ::clock_getcpuclockid(*server, &clock); error != 0) {
    throw std::system_error(error, std::system_category(), "CPU clock of --pid");
  }
  server_clock_ = clock;
}

void Measurement::run(const Arguments& arguments, const std::function<void()>& work) {
  std::string request;
  while (!arguments.on_request || std::getline(std::cin, request)) {
    measure(work);
    std::cout << report(arguments) << std::endl;
    if (!arguments.on_request) return;
  }
}

void Measurement::measure(const std::function<void()>& work) {
  latencies_.clear();
  const auto begun = Clock::now();
  server_used_ = -server_time();
  running_ = true;
  work();
  running_ = false;
  server_used_ += server_time();
  lasted_ = Clock::now() - begun;
}

std::chrono::nanoseconds Measurement::server_time() const {
  if (!server_clock_) return {};
  timespec used{};
  if (::clock_gettime(*server_clock_, &used) != 0) {
    throw std::system_error(errno, std::system_category(), "CPU clock of --pid");
  }
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

std::uint32_t Measurement::nanoseconds_since(Clock::time_point sent) {
  const std::chrono::nanoseconds passed = Clock::now() - sent;
  return static_cast<std::uint32_t>(
      std::min<std::int64_t>(passed.count(), std::numeric_limits<std::uint32_t>::max()));
}

double Measurement::latency_us(double quantile) {
  if (latencies_.empty()) return 0;
  const auto rank = static_cast<double>(latencies_.size() - 1) * quantile;
  const auto nth = latencies_.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(latencies_.begin(), nth, latencies_.end());
  return *nth / 1000.0;
}

/// One line of JSON.
std::string Measurement::report(const Arguments& arguments) {
  const double seconds = std::chrono::duration<double>(lasted_).count();
  const auto messages = static_cast<double>(latencies_.size());
  const double used_us = std::chrono::duration<double, std::micro>(server_used_).count();
  std::array<char, 64> cpu{"null"};
  if (server_clock_ && messages > 0) {
    std::snprintf(cpu.data(), cpu.size(), "%.4f", used_us / messages);
  }
  std::array<char, 512> rest;
  std::snprintf(rest.data(), rest.size(),
                R"("messages":%.0f,"seconds":%.3f,"rate":%.0f,"server_cpu_us_per_message":%s,)"
                R"("latency_p50_us":%.1f,"latency_p99_us":%.1f})",
                messages, seconds, messages / seconds, cpu.data(), latency_us(0.5),
                latency_us(0.99));
  return R"({"mode":")" + arguments.mode + R"(","clients":)" + std::to_string(arguments.clients) +
         R"(,"size":)" + std::to_string(arguments.size) + "," + rest.data();
}

}  // namespace wscast::bench
