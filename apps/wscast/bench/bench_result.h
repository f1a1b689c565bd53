#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "bench/bench_arguments.h"

namespace wscast::program {

/// What was measured.
struct BenchResult {
  using Nanoseconds = std::chrono::nanoseconds;

  struct Latency {
    Nanoseconds p50{0};
    Nanoseconds p99{0};
    Nanoseconds p999{0};
    Nanoseconds max{0};
  };

  Nanoseconds lasted{0};
  std::uint64_t messages = 0;   ///< That arrived; of `connect`: connections.
  std::uint64_t published = 0;  ///< Of a fan-out: what the messages are copies of.
  std::uint64_t lost = 0;       ///< Expected, and did not come.
  std::uint64_t notices = 0;    ///< By which the server said so.
  std::optional<Latency> latency{};

  std::optional<Nanoseconds> server_cpu{};       ///< Of its process.
  std::optional<double> bytes_per_connection{};  ///< Of the server's resident memory.

  // Shares of the measured time.
  double generator_cpu = 0;     ///< That the load's thread ran.
  double generator_waited = 0;  ///< That it could run, and other programs did.
  double late = 0;              ///< Of the messages: sent over 10 ms late.

  /// Whether the result says more about the load generator than about the server.
  bool generator_was_limit() const;
};

/// For people, some lines.
std::string result_text(const BenchPlan& plan, const BenchResult& result);

/// One line.
std::string result_json(const BenchPlan& plan, const BenchResult& result);

}  // namespace wscast::program
