#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "bench/bench_arguments.h"
#include "bench/greeter.h"
#include "bench/load.h"
#include "bench/recorder.h"
#include "bench/run_control.h"
#include "bench/watchdog.h"
#include "client/swarm.h"

namespace wscast::program {

/// Clients that connect, authenticate, disconnect, and begin again. One thread.
class ConnectLoad final : public Load, private client::Swarm::Handler {
 public:
  /// All outlive it.
  ConnectLoad(const BenchPlan& plan, Recorder& recorder, RunControl& control);

  void prepare() override;
  void run_until(Clock::time_point end) override;
  void rest() override { swarm_.run_once(std::chrono::nanoseconds(0)); }

 private:
  enum class State : std::uint8_t { connecting, leaving, away };

  struct Lane {
    State state = State::connecting;
    Clock::time_point since{};
  };

  void turn(std::chrono::nanoseconds timeout);
  void start(std::size_t index, Clock::time_point since);
  void reach(std::size_t index);

  void on_open(std::size_t index) override;
  void on_message(std::size_t index, std::string_view message) override;
  void on_closed(std::size_t index, std::string_view cause) override;

  const BenchArguments& arguments_;
  Recorder& recorder_;
  RunControl& control_;
  client::Swarm swarm_;
  Greeter greeter_;
  std::vector<Lane> lanes_;
  std::vector<std::size_t> free_;  ///< Lanes without a connection.
  Clock::time_point free_since_{};
  std::uint64_t connected_ = 0;
  Watchdog watchdog_;
};

}  // namespace wscast::program
