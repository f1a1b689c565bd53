#include <exception>
#include <string>

#include "base/log.h"
#include "net/shard.h"

// How what is queued for connections is written: each in its turn, many by one system call where
// there is a ring.
namespace wscast::net {
namespace {

constexpr std::size_t kFlushesPerClockRead = 16;
constexpr std::size_t kPromptInFanOut = 64;

}  // namespace

/// Each connection may be scheduled again while it is flushed.
void Shard::schedule_flush(Connection& connection) noexcept {
  if (!connection.trusted()) {
    newcomers_.flushes.push(connection);
  } else if (in_fan_out_ && ++scheduled_in_fan_out_ > kPromptInFanOut) {
    fan_outs_.push(connection);
  } else {
    clients_.flushes.push(connection);
  }
  if (!in_iteration_) request_iteration();
}

/// What large fan-outs have left over comes behind the rest, but gets half of the time.
void Shard::flush_connections() {
  begin_io_phase(kSlice);
  const SteadyTime half = now_ + kSlice / 2;
  flush(clients_.flushes, fan_outs_.empty() ? slice_end_ : half);
  flush(fan_outs_, half);
  if (!newcomers_.flushes.empty()) {
    begin_io_phase(kNewcomersSlice);
    flush(newcomers_.flushes, slice_end_);
  }
  if (deliveries_ && deliveries_->pending()) deliveries_->settle();
}

/// Writes in turn until `end`: connections that do not fit into this slice come first in the next.
void Shard::flush(FlushQueue& queue, SteadyTime end) {
  while (!queue.empty()) {
    if (!ring_ || !flush_batch(queue)) flush_some(queue);
    const SteadyTime now = clock_.now();
    if (deliveries_) deliveries_->settle(now);
    if (now >= end) break;
  }
  queue.forget_taken();
}

void Shard::flush_some(FlushQueue& queue) {
  for (std::size_t i = 0; i < kFlushesPerClockRead && !queue.empty(); ++i) {
    // In a fan-out the next connection is in no cache: the system call gives it time to load.
    if (const Connection* second = queue.second()) second->prefetch();
    Connection& connection = queue.next();
    queue.advance();
    guard(connection, [&connection] { connection.flush(); });
  }
}

/// Flushes the next connections together; false: they are too few, or the next one cannot. Nothing
/// of the application runs until each knows what was sent: it could write to any of them.
bool Shard::flush_batch(FlushQueue& queue) {
  if (queue.size() < fewest_in_batch_) return false;
  while (!batch_.full() && !queue.empty()) {
    if (const Connection* second = queue.second()) second->prefetch();
    if (!queue.next().begin_flush(batch_)) break;
    queue.advance();
  }
  if (batch_.empty()) return false;
  send_batch();
  std::size_t unfinished = 0;
  const auto sends = batch_.sends();
  for (BatchedSend& send : sends) {
    if (send.connection->note_sent(send)) sends[unfinished++] = send;
  }
  for (const BatchedSend& send : sends.first(unfinished)) {
    guard(*send.connection, [&send] { send.connection->end_flush(send.result); });
  }
  batch_.clear();
  return true;
}

/// A ring that fails is given up: who has no result writes for itself.
void Shard::send_batch() noexcept {
  try {
    ring_->send(batch_);
    counters_.add(Counter::batched_sends, batch_.sends().size());
  } catch (const std::exception& error) {
    ring_.reset();
    log_ring_failure(error);
  }
}

void Shard::log_ring_failure(const std::exception& error) noexcept try {
  log(LogLevel::warning, "io_uring_failed",
      std::string("io_uring is not used any more: ") + error.what());
} catch (const std::exception&) {  // There is no line, for want of memory.
}

}  // namespace wscast::net
