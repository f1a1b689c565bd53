#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/counters.h"
#include "base/thread.h"
#include "net/admission.h"
#include "net/application.h"
#include "net/connection.h"
#include "net/deadlines.h"
#include "net/fd.h"
#include "net/poller.h"
#include "net/stream_layer.h"

namespace boost::asio {
class io_context;
}

namespace wscast::net {

/// An accepted connection on its way to its shard.
struct Arrival {
  Fd socket;
  std::unique_ptr<Admission> admission{};      ///< Null when no limit counts it.
  bool refused = false;                        ///< It gets a 503 response.
  std::shared_ptr<const StreamLayer> layer{};  ///< Null: none, it is a plain connection.
};

/// One thread with its connections: a poller for their sockets, nested in an event loop for
/// everything else. An iteration reads what is ready, lets the application act, then writes what is
/// queued, at most 2 ms of each, so that no connection waits long for others.
///
/// Shard thread only, except what is marked `Any thread`. Outlives its connections.
class Shard final : private ConnectionHost {
 public:
  using MakeApplication = std::function<std::unique_ptr<Application>(Shard&)>;

  /// Starts no thread. `options` and `clock` must outlive the shard.
  Shard(std::size_t index, const TransportOptions& options, const Clock& clock,
        const MakeApplication& make_application);
  ~Shard() override;

  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  /// Starts the shard's thread with `start_thread`; passes on what that throws. Any thread.
  void start(const StartThread& start_thread);

  /// Ends the thread and drops open connections. Any thread but the shard's own.
  void stop();

  /// Runs `task` on the shard's thread. Any thread.
  void post(std::function<void()> task);

  /// Runs `task` on the shard's thread every `period`, from now on.
  void every(std::chrono::milliseconds period, std::function<void()> task);

  /// Runs `task` once on the shard's thread, after `delay`.
  void after(std::chrono::milliseconds delay, std::function<void()> task);

  /// Takes over a connected socket.
  void adopt(Arrival arrival);

  /// Closes every WebSocket that is not closing yet, and drops pending HTTP requests.
  void close_all(std::uint16_t code, std::string_view reason);

  /// Ends connections that are still HTTP requests.
  void drop_requests();

  /// Makes an iteration run even if no socket is ready.
  void request_iteration();

  std::size_t index() const { return index_; }

  /// The time when the current read or write phase began; outside a phase, the clock's.
  SteadyTime now() const override { return in_io_phase_ ? now_ : clock_.now(); }
  const Clock& clock() const { return clock_; }
  Counters& counters() { return counters_; }
  Application& application() const { return *application_; }
  boost::asio::io_context& loop();

  /// The number of open connections and of those on their way here. Any thread.
  std::size_t load() const { return load_.load(std::memory_order_relaxed); }

  /// Counts a connection that is on its way here, before adopt() is posted. Any thread.
  void expect_connection() { load_.fetch_add(1, std::memory_order_relaxed); }

  /// The shard of the calling thread; null on other threads.
  static Shard* current();

 private:
  struct Loop;
  struct Client;
  struct Slot {
    std::unique_ptr<Client> client;
    int descriptor = -1;
    std::uint32_t generation = 0;  ///< How many clients have had this slot.
  };

  void schedule_flush(Connection& connection) override;
  void set_interest(Connection& connection, Interest interest) override;
  void stop_watching(Connection& connection) override;
  bool admits(const Connection& connection, const http::RequestHead* head) override;
  bool slice_over() const override { return clock_.now() >= slice_end_; }
  void set_deadline(Connection& connection, SteadyTime when) override;
  void schedule_deletion(Connection& connection) override;

  void run();
  void await_readiness();
  void run_iteration();
  void begin_io_phase();
  bool read_ready();
  bool handle(const Ready& ready);
  void flush_connections();
  void reap();
  void arm_sweep(SteadyTime when);
  void sweep();
  std::uint32_t take_slot();
  PollKey key_of(std::uint32_t slot) const { return {slot, slots_[slot].generation}; }

  const std::size_t index_;
  const Clock& clock_;
  const TransportOptions& options_;
  Counters counters_;
  std::vector<std::uint8_t> receive_buffer_;
  std::vector<std::uint8_t> scratch_;
  Poller poller_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Application> application_;
  std::unique_ptr<Deflate> deflate_;  ///< Null: permessage-deflate is off.
  ConnectionContext context_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::span<const Ready> unread_;  ///< Events of the poller that were not handled yet.
  Deadlines deadlines_;
  std::vector<Connection*> pending_flush_;  ///< Each at most once.
  std::vector<Connection*>
      pending_deletion_;  ///< Ended; destroyed when nothing refers to them any more.
  SteadyTime now_;        ///< When the read or write phase began.
  SteadyTime slice_end_;  ///< When that phase should end.
  bool in_io_phase_ = false;
  SteadyTime sweep_at_ = Deadlines::kNever;
  bool in_iteration_ = false;
  bool iteration_requested_ = false;
  bool another_iteration_ = false;  ///< Requested during an iteration.
  std::atomic<std::size_t> load_{0};
  std::thread thread_;
};

}  // namespace wscast::net
