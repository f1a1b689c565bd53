#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/counters.h"
#include "base/given_up.h"
#include "base/thread.h"
#include "net/admission.h"
#include "net/application.h"
#include "net/connection.h"
#include "net/deadlines.h"
#include "net/delivery_timer.h"
#include "net/due_work.h"
#include "net/fd.h"
#include "net/send_batch.h"
#include "net/send_ring.h"
#include "net/stream_layer.h"
#include "net/timers.h"

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
/// queued, at most 2 ms of each, so that no connection waits long for others. Newcomers, which are
/// not trusted yet, come behind the others and have 0.5 ms of each, so that any number of them
/// delays no client for long.
///
/// What is thrown while a connection is served, above all std::bad_alloc, ends that connection and
/// nothing else; what a task throws ends that task. The loop itself needs no memory to go on.
///
/// Shard thread only, except what is marked `Any thread`. Outlives its connections.
class Shard final : private ConnectionHost {
 public:
  using MakeApplication = std::function<std::unique_ptr<Application>(Shard&)>;

  /// Starts no thread. `clock` must outlive the shard.
  Shard(std::size_t index, const TransportOptions& options, const Clock& clock,
        const MakeApplication& make_application);
  ~Shard() override;

  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  /// Starts the shard's thread with `start_thread`; passes on what that throws. Any thread.
  void start(const StartThread& start_thread);

  /// Writes of many connections go by `ring`. Before start().
  void send_by(std::unique_ptr<SendRing> ring) { ring_ = std::move(ring); }

  /// For tests: how many writes at once are the fewest for the ring. Before start().
  void batch_from(std::size_t writes) { fewest_in_batch_ = writes; }

  /// Measures deliveries from now on. Before start().
  void measure_deliveries();

  /// Ends the thread and drops open connections. Any thread but the shard's own.
  void stop();

  /// Runs `task` on the shard's thread. Throws std::bad_alloc: it does not run. Any thread.
  void post(std::function<void()> task);

  /// Runs `task` on the shard's thread every `period`, from now on, until it returns false. What it
  /// throws is counted, and it runs again.
  void every(std::chrono::milliseconds period, std::function<bool()> task);

  /// Runs `task` once on the shard's thread, after `delay`, some milliseconds later at most.
  void after(std::chrono::milliseconds delay, std::function<void()> task);

  /// Takes over a connected socket; closes it, counted, when that fails.
  void adopt(Arrival arrival) noexcept;

  /// Closes every WebSocket that is not closing yet, and drops pending HTTP requests.
  void close_all(std::uint16_t code, std::string_view reason);

  /// Ends connections that are still HTTP requests; those that were handed over end when they come
  /// back.
  void drop_requests();

  /// The shard's own.
  const TransportOptions& options() const { return options_; }

  /// Replaces the options, also for the connections that are open.
  void change_options(TransportOptions options) noexcept;

  /// What is sent from here to end_fan_out() is one message to many: beyond the first 64 clients it
  /// comes behind what others wait for, so that they do not wait for all of it.
  void begin_fan_out() noexcept {
    in_fan_out_ = true;
    scheduled_in_fan_out_ = 0;
  }
  void end_fan_out() noexcept { in_fan_out_ = false; }

  /// Makes an iteration run even if no socket is ready.
  void request_iteration() noexcept;

  std::size_t index() const { return index_; }

  /// The time when the current read or write phase began; outside a phase, the clock's.
  SteadyTime now() const override { return in_io_phase_ ? now_ : clock_.now(); }
  const Clock& clock() const { return clock_; }
  Counters& counters() { return counters_; }
  Application& application() const { return *application_; }
  boost::asio::io_context& loop();

  /// Any thread.
  const ConnectionGauges& gauges() const { return context_.gauges; }

  /// Null: deliveries are not measured. Any thread, for what it allows any.
  const DeliveryTimer* deliveries() const { return deliveries_ ? &*deliveries_ : nullptr; }

  /// The number of open connections, of those that were handed over and of those on their way here.
  /// Any thread.
  std::size_t load() const { return load_.load(std::memory_order_relaxed); }

  /// Of these, those by TLS, or the others, that were handed over and have not come back. Any
  /// thread.
  std::size_t handed_over(bool encrypted) const {
    return handed_over_[encrypted ? 1 : 0].load(std::memory_order_relaxed);
  }

  /// Counts a connection that is on its way here, before adopt() is posted. Any thread.
  void expect_connection() { load_.fetch_add(1, std::memory_order_relaxed); }

  /// The same connection does not come.
  void forget_connection() { load_.fetch_sub(1, std::memory_order_relaxed); }

  /// The shard of the calling thread; null on other threads.
  static Shard* current();

 private:
  struct Loop;
  struct Client;
  class Released;
  struct Slot {
    std::unique_ptr<Client> client;
    int descriptor = -1;
    std::uint32_t generation = 0;  ///< How many clients have had this slot.
  };

  void schedule_flush(Connection& connection) noexcept override;
  void set_interest(Connection& connection, Interest interest) noexcept override;
  void stop_watching(Connection& connection) noexcept override;
  bool admits(const Connection& connection, const http::RequestHead* head) override;
  bool slice_over() const override { return clock_.now() >= slice_end_; }
  void set_deadline(Connection& connection, SteadyTime when) noexcept override;
  void on_trusted(Connection& connection) noexcept override;
  void schedule_handover(Connection& connection) noexcept override;
  void schedule_deletion(Connection& connection) noexcept override;

  void run();
  void run_loop();
  void await_readiness();
  /// What `step` throws ends its connection.
  template <class Step>
  static void guard(Connection& connection, Step step) noexcept {
    try {
      step();
    } catch (const std::exception& error) {
      log_given_up("a client", error);
      connection.give_up();
    }
  }
  void run_iteration(bool ready);
  void begin_io_phase(std::chrono::microseconds slice);
  bool read_connections(bool look);
  bool read_ready(DueWork& work);
  bool handle(const Ready& ready);
  bool act() noexcept;
  void flush_connections();
  void flush(FlushQueue& queue, SteadyTime end);
  void flush_some(FlushQueue& queue);
  bool flush_batch(FlushQueue& queue);
  void send_batch() noexcept;
  static void log_ring_failure(const std::exception& error) noexcept;
  bool reap(SteadyTime end);
  void arm_sweep(SteadyTime when) noexcept;
  void sweep();
  void open(std::unique_ptr<Client> client, std::uint32_t slot);
  void hand_over_connections() noexcept;
  void hand_over(Connection& connection) noexcept;
  void discard_handovers() noexcept;
  void take_back(std::unique_ptr<Client> client, const std::string& received) noexcept;
  std::uint32_t take_slot();
  void add_slot();
  void free_slot(std::uint32_t slot) noexcept;
  PollKey key_of(std::uint32_t slot) const { return {slot, slots_[slot].generation}; }
  DueWork& work_of(const Connection& connection) {
    return connection.trusted() ? clients_ : newcomers_;
  }

  static constexpr std::chrono::milliseconds kSlice{2};
  static constexpr std::chrono::microseconds kNewcomersSlice{500};

  const std::size_t index_;
  const Clock& clock_;
  TransportOptions options_;
  Counters counters_;
  std::vector<std::uint8_t> receive_buffer_;
  std::vector<std::uint8_t> scratch_;
  std::unique_ptr<SendRing> ring_;  ///< Null: each connection writes for itself.
  SendBatch batch_;
  std::size_t fewest_in_batch_ = 8;  ///< Fewer cost less one by one.
  DueWork newcomers_;                ///< Its poller is nested in that of clients_.
  DueWork clients_;
  FlushQueue fan_outs_;  ///< Clients beyond the first of large fan-outs.
  bool in_fan_out_ = false;
  std::size_t scheduled_in_fan_out_ = 0;
  std::atomic<std::size_t> load_{0};
  std::array<std::atomic<std::size_t>, 2> handed_over_{};  ///< Plain ones, those by TLS.
  std::unique_ptr<Loop> loop_;  ///< May hold connections on their way back.
  std::unique_ptr<Application> application_;
  std::unique_ptr<Deflate> deflate_;  ///< Null: permessage-deflate is off.
  std::optional<DeliveryTimer> deliveries_;
  ConnectionContext context_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  Deadlines deadlines_;
  Timers timers_;
  // These and free_slots_ have room for an entry of each slot, so that adding never fails.
  std::vector<Connection*>
      pending_deletion_;  ///< Ended; destroyed when nothing refers to them any more.
  std::vector<Connection*> pending_handover_;
  SteadyTime now_;        ///< When the read or write phase began.
  SteadyTime slice_end_;  ///< When that phase should end.
  bool in_io_phase_ = false;
  SteadyTime sweep_at_ = Deadlines::kNever;
  bool sweep_missing_ = false;  ///< It could not be armed: tried again in the next iteration.
  bool in_iteration_ = false;
  bool iteration_requested_ = false;
  bool another_iteration_ = false;  ///< Requested during an iteration.
  bool takes_back_ = true;          ///< Connections that were handed over.
  std::thread thread_;
};

}  // namespace wscast::net
