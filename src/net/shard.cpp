#include "net/shard.h"

#include <algorithm>
#include <exception>
#include <pthread.h>
#include <string>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/given_up.h"
#include "net/handler_memory.h"
#include "net/proxied_client.h"
#include "net/shard_client.h"

namespace wscast::net {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kReceiveBytes = 64 * 1024;
constexpr std::size_t kReadPadding = 64;  // Readable bytes behind a text that is validated.
constexpr std::size_t kScratchBytes = 64 * 1024;
constexpr std::size_t kDeletionsPerClockRead = 16;
constexpr std::size_t kExpiriesPerSweep = 256;
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
  /// Binds the memory for waiting to a handler.
  template <class Handler>
  auto with(const std::shared_ptr<HandlerMemory>& memory, Handler handler) const {
    return asio::bind_allocator(HandlerAllocator<std::byte>(memory), std::move(handler));
  }

  explicit Loop(int poller)
      : context(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
        work(asio::make_work_guard(context)),
        readiness(context, poller),
        sweep(context) {}
  ~Loop() { readiness.release(); }  // The poller closes its own descriptor.

  const std::shared_ptr<HandlerMemory> readiness_memory = std::make_shared<HandlerMemory>();
  const std::shared_ptr<HandlerMemory> iteration_memory = std::make_shared<HandlerMemory>();
  const std::shared_ptr<HandlerMemory> sweep_memory = std::make_shared<HandlerMemory>();
  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  asio::posix::stream_descriptor readiness;
  asio::steady_timer sweep;
};

Shard::Shard(std::size_t index, const TransportOptions& options, const Clock& clock,
             const MakeApplication& make_application)
    : index_(index),
      clock_(clock),
      options_(options),
      receive_buffer_(kReceiveBytes + kReadPadding),
      scratch_(kScratchBytes),
      batch_(scratch_),
      loop_(std::make_unique<Loop>(clients_.poller.descriptor())),
      application_(make_application(*this)),
      deflate_(options_.per_message_deflate.enabled
                   ? std::make_unique<Deflate>(options_.per_message_deflate, counters_)
                   : nullptr),
      context_{options_,
               *application_,
               *this,
               counters_,
               std::span(receive_buffer_).first(kReceiveBytes),
               std::span(scratch_),
               deflate_.get()},
      now_(clock.now()),
      slice_end_(now_) {
  clients_.poller.nest(newcomers_.poller);
}

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
  thread_ = start_thread("a shard's thread", [this] {
    pthread_setname_np(pthread_self(), ("wscast-" + std::to_string(index_)).c_str());
    run();
  });
}

void Shard::measure_deliveries() {
  context_.deliveries = &deliveries_.emplace(clock_);
}

void Shard::run() {
  avoid_cancellation_cost();
  current_shard = this;
  await_readiness();
  run_loop();
  for (const Slot& slot : slots_) {
    if (slot.client) slot.client->connection().drop();
  }
  reap(SteadyTime::max());
  discard_handovers();
  application_->on_stop();
  current_shard = nullptr;
}

/// The last door: what escapes here was a task of the control plane, such as a posted one, a
/// listener's or a broker's.
void Shard::run_loop() {
  while (true) {
    try {
      loop_->context.run();
      return;
    } catch (const std::exception& error) {
      counters_.add(Counter::tasks_failed);
      log_given_up("a task", error);
    }
  }
}

void Shard::stop() {
  if (!thread_.joinable()) return;
  asio::post(loop_->context, [this] { loop_->context.stop(); });
  thread_.join();
}

void Shard::post(std::function<void()> task) {
  asio::post(loop_->context, std::move(task));
}

void Shard::every(std::chrono::milliseconds period, std::function<bool()> task) {
  timers_.repeat(now() + period, period, std::move(task));
  arm_sweep(timers_.earliest());
}

void Shard::after(std::chrono::milliseconds delay, std::function<void()> task) {
  timers_.add(now() + delay, std::move(task));
  arm_sweep(timers_.earliest());
}

void Shard::close_all(std::uint16_t code, std::string_view reason) {
  for (const Slot& slot : slots_) {
    if (slot.client) slot.client->connection().close(code, reason);
  }
  drop_requests();
}

void Shard::change_options(TransportOptions options) noexcept {
  options_ = std::move(options);
  for (const Slot& slot : slots_) {
    if (slot.client) slot.client->connection().on_options_changed();
  }
}

void Shard::drop_requests() {
  takes_back_ = false;
  for (const Slot& slot : slots_) {
    if (slot.client && slot.client->connection().requesting()) slot.client->connection().drop();
  }
  request_iteration();
}

void Shard::await_readiness() {
  loop_->readiness.async_wait(asio::posix::stream_descriptor::wait_read,
                              loop_->with(loop_->readiness_memory, [this](auto error) {
                                if (error) return;
                                run_iteration(true);
                                await_readiness();
                              }));
}

void Shard::request_iteration() noexcept {
  if (in_iteration_) {
    another_iteration_ = true;
    return;
  }
  if (iteration_requested_) return;
  iteration_requested_ = true;
  asio::post(loop_->context,
             loop_->with(loop_->iteration_memory, [this] { run_iteration(false); }));
}

/// Repeats while there is something to read, so that a busy shard does not pay for the outer loop
/// each time, but not longer than a slice: the outer loop has timers and broker connections to
/// serve. `ready`: the poller has something to report.
void Shard::run_iteration(bool ready) {
  iteration_requested_ = false;
  in_iteration_ = true;
  const SteadyTime end = clock_.now() + kSlice;
  bool more = false;
  do {
    another_iteration_ = false;
    more = read_connections(std::exchange(ready, true));
    in_io_phase_ = false;  // Hooks may take long: deadlines they set are based on the clock.
    if (act()) more = true;
    if (sweep_missing_) arm_sweep(std::min(deadlines_.earliest(), timers_.earliest()));
    flush_connections();
    in_io_phase_ = false;
    if (reap(clock_.now() + kNewcomersSlice)) more = true;
    if (!pending_handover_.empty()) hand_over_connections();
    more = more || another_iteration_ || newcomers_.pending() || clients_.pending() ||
           !fan_outs_.empty();
  } while (more && now_ < end);
  in_iteration_ = false;
  if (more) request_iteration();
}

/// Returns whether the application has more to do.
bool Shard::act() noexcept {
  try {
    return application_->on_iteration_end();
  } catch (const std::exception& error) {
    counters_.add(Counter::tasks_failed);
    log_given_up("a task", error);
    return true;
  }
}

void Shard::begin_io_phase(std::chrono::microseconds slice) {
  now_ = clock_.now();
  slice_end_ = now_ + slice;
  in_io_phase_ = true;
}

/// Returns false when nothing was ready. `look`: asks the poller, as an iteration does not that was
/// requested for something else: the event loop reports by itself what becomes ready.
bool Shard::read_connections(bool look) {
  begin_io_phase(kSlice);
  if (!look && clients_.unread.empty() && newcomers_.unread.empty()) return false;
  const bool any = read_ready(clients_);
  if (!clients_.poller.take_nested_ready() && newcomers_.unread.empty()) return any;
  begin_io_phase(kNewcomersSlice);
  return read_ready(newcomers_) || any;
}

/// Handles what the poller reports until the slice is over; the rest comes first in the next
/// iteration. Returns false when nothing was ready.
bool Shard::read_ready(DueWork& work) {
  if (work.unread.empty()) work.unread = work.poller.wait();
  const auto unread = work.unread;
  if (unread.empty()) return false;
  std::size_t done = 0;
  std::size_t since_clock_read = 0;
  while (done < unread.size()) {
    if (done + 1 < unread.size()) {
      const auto& next = slots_[unread[done + 1].key.slot].client;
      if (next) next->connection().prefetch();
    }
    const bool much = handle(unread[done++]);
    if (!much && ++since_clock_read < kReadsPerClockRead) continue;
    since_clock_read = 0;
    if (slice_over()) break;
  }
  work.unread = unread.subspan(done);
  return true;
}

/// Returns whether it was so much work that the clock should be read.
bool Shard::handle(const Ready& ready) {
  Slot& slot = slots_[ready.key.slot];
  if (!slot.client || slot.generation != ready.key.generation) return false;  // Ended meanwhile.
  bool much = false;
  Connection& connection = slot.client->connection();
  guard(connection, [&] { much = connection.on_ready(ready); });
  return much;
}

/// Closing a socket is much work for the kernel, and many may end at once. Returns whether some are
/// left.
bool Shard::reap(SteadyTime end) {
  std::size_t deleted = 0;
  bool over = false;
  std::erase_if(pending_deletion_, [&](const Connection* connection) {
    if (over || connection->flush_scheduled()) return false;  // A DueWork still refers to it.
    const std::uint32_t slot = connection->slot();
    slots_[slot].client.reset();
    free_slot(slot);
    forget_connection();
    over = ++deleted % kDeletionsPerClockRead == 0 && clock_.now() >= end;
    return true;
  });
  return over;
}

void Shard::set_interest(Connection& connection, Interest interest) noexcept {
  const std::uint32_t slot = connection.slot();
  work_of(connection).poller.change(slots_[slot].descriptor, key_of(slot), interest);
}

void Shard::stop_watching(Connection& connection) noexcept {
  work_of(connection).poller.remove(slots_[connection.slot()].descriptor);
}

/// What it is to write still, it writes in its turn as a newcomer.
void Shard::on_trusted(Connection& connection) noexcept {
  const std::uint32_t slot = connection.slot();
  const int descriptor = slots_[slot].descriptor;
  newcomers_.poller.remove(descriptor);
  if (clients_.poller.add(descriptor, key_of(slot), connection.interest()) != 0) {
    connection.give_up_later();
  }
}

bool Shard::admits(const Connection& connection, const http::RequestHead* head) {
  ProxiedClient* client = slots_[connection.slot()].client->socket.proxied();
  if (client == nullptr) return true;
  if (head != nullptr) client->on_request(*head, counters_);
  return !client->over_limit();
}

void Shard::set_deadline(Connection& connection, SteadyTime when) noexcept {
  deadlines_.set(connection.slot(), when);
  arm_sweep(when);
}

void Shard::schedule_deletion(Connection& connection) noexcept {
  deadlines_.set(connection.slot(), Deadlines::kNever);
  stop_watching(connection);
  pending_deletion_.push_back(&connection);
  if (!in_iteration_) request_iteration();
}

void Shard::arm_sweep(SteadyTime when) noexcept {
  if (when == Deadlines::kNever) return;
  when = std::max(when, now() + kSweepPause);
  if (when >= sweep_at_) return;
  try {
    loop_->sweep.expires_at(when);
    loop_->sweep.async_wait(loop_->with(loop_->sweep_memory, [this](auto error) {
      if (!error) sweep();
    }));
    sweep_at_ = when;
    sweep_missing_ = false;
  } catch (const std::exception&) {
    sweep_at_ = Deadlines::kNever;
    sweep_missing_ = true;
    request_iteration();
  }
}

void Shard::sweep() {
  sweep_at_ = Deadlines::kNever;
  for (const std::size_t slot : deadlines_.expire(now(), kExpiriesPerSweep)) {
    if (!slots_[slot].client) continue;
    Connection& connection = slots_[slot].client->connection();
    guard(connection, [&connection] { connection.on_deadline(); });
  }
  try {
    timers_.run_due(now());
  } catch (...) {
    arm_sweep(std::min(deadlines_.earliest(), timers_.earliest()));
    throw;
  }
  arm_sweep(std::min(deadlines_.earliest(), timers_.earliest()));
  request_iteration();
}

}  // namespace wscast::net
