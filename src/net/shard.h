#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/counters.h"
#include "base/thread.h"
#include "net/address_limiter.h"
#include "net/application.h"
#include "net/connection.h"
#include "net/deadlines.h"
#include "net/fd.h"
#include "net/poller.h"

namespace boost::asio {
class io_context;
}

namespace wscast::net {

/// A connection that was accepted, on its way to its shard.
struct Arrival {
  Fd socket;
  std::unique_ptr<AddressLimiter::Ticket> ticket{};
  bool refused = false;  ///< It will be answered 503.
};

/// One thread with its connections: a poller for their sockets, nested in an event loop for all
/// else. A turn reads what is ready, lets the application act, then writes what piled up, at most
/// 2 ms of it, so that nothing waits long under another's work.
///
/// Shard thread only, but for what is marked `Any thread`. Outlives its connections.
class Shard final : private ConnectionHost {
 public:
  using MakeApplication = std::function<std::unique_ptr<Application>(Shard&)>;

  /// Starts nothing. `options` and `clock` must outlive the shard.
  Shard(std::size_t index, const TransportOptions& options, const Clock& clock,
        const MakeApplication& make_application);
  ~Shard() override;

  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  /// `start_thread` makes the shard's thread; what it throws is passed on. Any thread.
  void start(const StartThread& start_thread);

  /// Ends the thread, dropping what is open. Any thread but the shard's own.
  void stop();

  /// Runs `task` on the shard's thread. Any thread.
  void post(std::function<void()> task);

  /// Runs `task` again and again on the shard's thread, each `period`, from now on.
  void every(std::chrono::milliseconds period, std::function<void()> task);

  /// Runs `task` once on the shard's thread, after `delay`.
  void after(std::chrono::milliseconds delay, std::function<void()> task);

  /// Takes over a connected socket.
  void adopt(Arrival arrival);

  /// Closes every WebSocket that is not closing yet, and ends what is none.
  void close_all(std::uint16_t code, std::string_view reason);

  /// Ends what is no WebSocket yet.
  void drop_requests();

  /// A turn will come even if no socket is ready.
  void request_turn();

  std::size_t index() const { return index_; }
  SteadyTime now() const override { return now_; }
  const Clock& clock() const { return clock_; }
  Counters& counters() { return counters_; }
  Application& application() const { return *application_; }
  boost::asio::io_context& loop();

  /// Open connections, and those on their way here. Any thread.
  std::size_t load() const { return load_.load(std::memory_order_relaxed); }

  /// Says that a connection is on its way here, before adopt() is posted. Any thread.
  void expect_connection() { load_.fetch_add(1, std::memory_order_relaxed); }

  /// The shard whose thread this is; null elsewhere.
  static Shard* current();

 private:
  struct Loop;
  struct Client;
  struct Slot {
    std::unique_ptr<Client> client;
    int descriptor = -1;
  };

  void wants_turn(Connection& connection) override;
  void set_interest(Connection& connection, Interest interest) override;
  void set_deadline(Connection& connection, SteadyTime when) override;
  void gone(Connection& connection) override;

  void run();
  void await_readiness();
  void turn();
  std::size_t read_ready();
  void run_turns();
  void bury();
  void arm_sweep(SteadyTime when);
  void sweep();
  std::size_t take_slot();

  const std::size_t index_;
  const Clock& clock_;
  const TransportOptions& options_;
  Counters counters_;
  std::vector<std::uint8_t> receive_buffer_;
  std::vector<std::uint8_t> scratch_;
  Poller poller_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Application> application_;
  ConnectionContext context_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> free_slots_;
  Deadlines deadlines_;
  std::vector<Connection*> dirty_;      ///< Want a turn; each at most once.
  std::vector<Connection*> graveyard_;  ///< Gone; destroyed when nothing can name them any more.
  SteadyTime now_;
  SteadyTime sweep_at_ = Deadlines::kNever;
  bool in_turn_ = false;
  bool turn_requested_ = false;
  bool another_turn_ = false;  ///< Asked for during a turn.
  std::atomic<std::size_t> load_{0};
  std::thread thread_;
};

}  // namespace wscast::net
