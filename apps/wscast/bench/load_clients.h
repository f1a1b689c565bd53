#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/bench_arguments.h"
#include "bench/greeter.h"
#include "bench/run_control.h"
#include "bench/watchdog.h"
#include "client/swarm.h"

namespace wscast::program {

/// How the connections of a benchmark are made. Throws std::invalid_argument for a wrong URL.
client::Swarm::Options swarm_options(const BenchArguments& arguments);

/// Why a connection has ended.
std::string end_text(const client::Connection& connection, std::string_view cause);

/// The beginning of a message, for an error.
std::string shortened(std::string_view message);

/// Throws BenchFailure if the message is an `error` of the server.
void refuse_error(std::string_view message);

/// Many clients, which are connected, authenticated and, if they have rooms, members of them. One
/// that is disconnected ends the benchmark. One thread.
class LoadClients final : private client::Swarm::Handler {
 public:
  using Clock = std::chrono::steady_clock;

  class Sink {
   public:
    virtual ~Sink() = default;

    /// A message to a client that is connected, decrypted.
    virtual void on_message(std::size_t client, std::string_view message) = 0;
  };

  /// `room_of`: the room of a client; empty: none.
  LoadClients(const BenchArguments& arguments, std::function<std::string(std::size_t)> room_of,
              Sink& sink);

  /// Connects all. A join has no reply: whoever waits for its effect sends something to the room.
  void connect(RunControl& control);

  void send(std::size_t client, std::string_view text) { swarm_.send_text(client, text); }

  /// Messages are expected from now on.
  void resume() { watchdog_ = {}; }

  /// Waits up to `timeout` for messages and handles them. Throws BenchFailure when none have come
  /// for long.
  void turn(std::chrono::nanoseconds timeout);

  /// The same when none are expected.
  void rest(std::chrono::nanoseconds timeout);

  const Dialect& dialect() const { return greeter_.dialect(); }
  std::size_t count() const { return connected_.size(); }

  /// The first message of a client that was connected, which names its id.
  const std::string& first_greeting() const { return first_greeting_; }

 private:
  void on_open(std::size_t index) override;
  void on_message(std::size_t index, std::string_view message) override;
  void on_closed(std::size_t index, std::string_view cause) override;

  void greet(std::size_t index, std::string_view message);
  void enter(std::size_t index);
  void handle(std::size_t index, std::string_view message);
  void send_heartbeats(Clock::time_point now);

  const BenchArguments& arguments_;
  const std::function<std::string(std::size_t)> room_of_;
  Sink& sink_;
  client::Swarm swarm_;
  Greeter greeter_;
  const std::string heartbeat_;
  std::vector<std::uint8_t> connected_;
  std::size_t connected_count_ = 0;
  std::string first_greeting_;
  Clock::time_point began_ = Clock::now();
  std::uint64_t heartbeats_ = 0;
  std::uint64_t progress_ = 0;
  Watchdog watchdog_;
};

}  // namespace wscast::program
