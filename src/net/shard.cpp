#include "net/shard.h"

#include <algorithm>
#include <pthread.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "net/proxied_client.h"
#include "net/socket_stream.h"

namespace wscast::net {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kReceiveBytes = 64 * 1024;
constexpr std::size_t kReadPadding = 64;  // Readable bytes behind a text that is validated.
constexpr std::size_t kScratchBytes = 64 * 1024;
constexpr auto kSlice = std::chrono::milliseconds(2);
constexpr std::size_t kFlushesPerClockRead = 16;
constexpr std::size_t kReadsPerClockRead = 16;
constexpr auto kSweepPause = std::chrono::milliseconds(10);

thread_local Shard* current_shard = nullptr;

/// glibc prepares each recv() and send() for thread cancellation with four locked instructions,
/// unless the thread's cancellation type is asynchronous already. A shard's thread is never
/// cancelled.
void avoid_cancellation_cost() {
  int before = 0;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &before);
}

}  // namespace

struct Shard::Loop {
  explicit Loop(int poller)
      : context(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
        work(asio::make_work_guard(context)),
        readiness(context, poller),
        sweep(context) {}
  ~Loop() { readiness.release(); }  // The poller closes its own descriptor.

  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  asio::posix::stream_descriptor readiness;
  asio::steady_timer sweep;
};

/// A connection and its socket, adjacent in memory since each write touches both.
struct Shard::Client {
  Client(Arrival arrival, ConnectionContext& context, std::uint32_t slot)
      : socket(std::move(arrival.socket), std::move(arrival.admission)),
        layered(arrival.layer ? arrival.layer->wrap(socket, context.counters) : nullptr),
        connection(context, layered ? *layered : socket, slot, arrival.refused) {}

  SocketStream socket;
  std::unique_ptr<Stream> layered;  ///< Null for a plain connection.
  Connection connection;
};

Shard::Shard(std::size_t index, const TransportOptions& options, const Clock& clock,
             const MakeApplication& make_application)
    : index_(index),
      clock_(clock),
      options_(options),
      receive_buffer_(kReceiveBytes + kReadPadding),
      scratch_(kScratchBytes),
      loop_(std::make_unique<Loop>(poller_.descriptor())),
      application_(make_application(*this)),
      deflate_(options.per_message_deflate.enabled
                   ? std::make_unique<Deflate>(options.per_message_deflate, counters_)
                   : nullptr),
      context_{options_,
               *application_,
               *this,
               counters_,
               std::span(receive_buffer_).first(kReceiveBytes),
               std::span(scratch_),
               deflate_.get()},
      now_(clock.now()),
      slice_end_(now_) {}

Shard::~Shard() {
  stop();
  slots_.clear();  // Before the application, which their attachments refer to.
}

Shard* Shard::current() {
  return current_shard;
}

asio::io_context& Shard::loop() {
  return loop_->context;
}

void Shard::start(const StartThread& start_thread) {
  thread_ = start_thread("a shard's thread", [this] { run(); });
}

void Shard::run() {
  avoid_cancellation_cost();
  current_shard = this;
  await_readiness();
  loop_->context.run();
  for (const Slot& slot : slots_) {
    if (slot.client) slot.client->connection.drop();
  }
  reap();
  application_->on_stop();
  current_shard = nullptr;
}

void Shard::stop() {
  if (!thread_.joinable()) return;
  asio::post(loop_->context, [this] { loop_->context.stop(); });
  thread_.join();
}

void Shard::post(std::function<void()> task) {
  asio::post(loop_->context, std::move(task));
}

void Shard::every(std::chrono::milliseconds period, std::function<void()> task) {
  after(period, [this, period, task = std::move(task)]() mutable {
    task();
    every(period, std::move(task));
  });
}

void Shard::after(std::chrono::milliseconds delay, std::function<void()> task) {
  auto timer = std::make_shared<asio::steady_timer>(loop_->context, delay);
  timer->async_wait([task = std::move(task), timer](auto error) {
    if (!error) task();
  });
}

void Shard::adopt(Arrival arrival) {
  const int descriptor = arrival.socket.get();
  const std::uint32_t slot = take_slot();
  auto client = std::make_unique<Client>(std::move(arrival), context_, slot);
  ++slots_[slot].generation;
  if (const int error = poller_.add(descriptor, key_of(slot)); error != 0) {
    log(LogLevel::error, "a connection could not be watched: " + std::to_string(error));
    deadlines_.set(slot, Deadlines::kNever);
    free_slots_.push_back(slot);
    load_.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  counters_.add(Counter::connections_accepted);
  slots_[slot].client = std::move(client);
  slots_[slot].descriptor = descriptor;
}

std::uint32_t Shard::take_slot() {
  if (free_slots_.empty()) {
    slots_.emplace_back();
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

void Shard::close_all(std::uint16_t code, std::string_view reason) {
  for (const Slot& slot : slots_) {
    if (slot.client) slot.client->connection.close(code, reason);
  }
  drop_requests();
}

void Shard::drop_requests() {
  for (const Slot& slot : slots_) {
    if (slot.client && slot.client->connection.requesting()) slot.client->connection.drop();
  }
  request_iteration();
}

void Shard::await_readiness() {
  loop_->readiness.async_wait(asio::posix::stream_descriptor::wait_read, [this](auto error) {
    if (error) return;
    run_iteration();
    await_readiness();
  });
}

void Shard::request_iteration() {
  if (in_iteration_) {
    another_iteration_ = true;
    return;
  }
  if (iteration_requested_) return;
  iteration_requested_ = true;
  asio::post(loop_->context, [this] { run_iteration(); });
}

/// Repeats while there is something to read, so that a busy shard does not pay for the outer loop
/// each time, but not longer than a slice: the outer loop has timers and broker connections to
/// serve.
void Shard::run_iteration() {
  iteration_requested_ = false;
  in_iteration_ = true;
  const SteadyTime end = clock_.now() + kSlice;
  bool more = false;
  do {
    another_iteration_ = false;
    begin_io_phase();
    more = read_ready();
    in_io_phase_ = false;  // Hooks may take long: deadlines they set are based on the clock.
    if (application_->on_iteration_end()) more = true;
    begin_io_phase();
    flush_connections();
    in_io_phase_ = false;
    reap();
    more = more || another_iteration_ || !pending_flush_.empty();
  } while (more && now_ < end);
  in_iteration_ = false;
  if (more) request_iteration();
}

void Shard::begin_io_phase() {
  now_ = clock_.now();
  slice_end_ = now_ + kSlice;
  in_io_phase_ = true;
}

/// Handles what the poller reports until the slice is over; the rest comes first in the next
/// iteration. Returns false when nothing was ready.
bool Shard::read_ready() {
  if (unread_.empty()) unread_ = poller_.wait();
  if (unread_.empty()) return false;
  std::size_t done = 0;
  std::size_t since_clock_read = 0;
  while (done < unread_.size()) {
    if (done + 1 < unread_.size()) {
      const auto& next = slots_[unread_[done + 1].key.slot].client;
      if (next) next->connection.prefetch();
    }
    const bool much = handle(unread_[done++]);
    if (!much && ++since_clock_read < kReadsPerClockRead) continue;
    since_clock_read = 0;
    if (slice_over()) break;
  }
  unread_ = unread_.subspan(done);
  return true;
}

/// Returns whether it was so much work that the clock should be read.
bool Shard::handle(const Ready& ready) {
  Slot& slot = slots_[ready.key.slot];
  if (!slot.client || slot.generation != ready.key.generation) return false;  // Ended meanwhile.
  return slot.client->connection.on_ready(ready);
}

/// Writes round-robin: connections that do not fit into this slice come first in the next.
void Shard::flush_connections() {
  std::size_t done = 0;
  while (done < pending_flush_.size()) {
    // In a fan-out the next connection is in no cache: the system call gives it time to load.
    if (done + 1 < pending_flush_.size()) pending_flush_[done + 1]->prefetch();
    Connection& connection = *pending_flush_[done++];
    connection.flush();
    if (done % kFlushesPerClockRead == 0 && slice_over()) break;
  }
  pending_flush_.erase(pending_flush_.begin(),
                       pending_flush_.begin() + static_cast<std::ptrdiff_t>(done));
}

void Shard::reap() {
  std::erase_if(pending_deletion_, [this](const Connection* connection) {
    if (connection->flush_scheduled()) return false;  // Still in pending_flush_.
    const std::uint32_t slot = connection->slot();
    slots_[slot].client.reset();
    free_slots_.push_back(slot);
    load_.fetch_sub(1, std::memory_order_relaxed);
    return true;
  });
}

void Shard::schedule_flush(Connection& connection) {
  pending_flush_.push_back(&connection);
  if (!in_iteration_) request_iteration();
}

void Shard::set_interest(Connection& connection, Interest interest) {
  const std::uint32_t slot = connection.slot();
  poller_.change(slots_[slot].descriptor, key_of(slot), interest);
}

void Shard::stop_watching(Connection& connection) {
  poller_.remove(slots_[connection.slot()].descriptor);
}

bool Shard::admits(const Connection& connection, const http::RequestHead* head) {
  ProxiedClient* client = slots_[connection.slot()].client->socket.proxied();
  if (client == nullptr) return true;
  if (head != nullptr) client->on_request(*head, counters_);
  return !client->over_limit();
}

void Shard::set_deadline(Connection& connection, SteadyTime when) {
  deadlines_.set(connection.slot(), when);
  arm_sweep(when);
}

void Shard::schedule_deletion(Connection& connection) {
  deadlines_.set(connection.slot(), Deadlines::kNever);
  stop_watching(connection);
  pending_deletion_.push_back(&connection);
  if (!in_iteration_) request_iteration();
}

void Shard::arm_sweep(SteadyTime when) {
  if (when == Deadlines::kNever) return;
  when = std::max(when, now() + kSweepPause);
  if (when >= sweep_at_) return;
  sweep_at_ = when;
  loop_->sweep.expires_at(sweep_at_);
  loop_->sweep.async_wait([this](auto error) {
    if (!error) sweep();
  });
}

void Shard::sweep() {
  sweep_at_ = Deadlines::kNever;
  for (const std::size_t slot : deadlines_.expire(now())) {
    if (slots_[slot].client) slots_[slot].client->connection.on_deadline();
  }
  arm_sweep(deadlines_.earliest());
  request_iteration();
}

}  // namespace wscast::net
