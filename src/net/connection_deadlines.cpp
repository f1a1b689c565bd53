#include <algorithm>

#include "http/refusal.h"
#include "net/connection.h"
#include "net/deadlines.h"
#include "ws/close_code.h"

// A connection's timeouts.
namespace wscast::net {
namespace {

constexpr std::chrono::milliseconds kRefusedHeadTimeout{2'000};

SteadyTime after(SteadyTime from, std::chrono::milliseconds duration) {
  return duration.count() == 0 ? Deadlines::kNever : from + duration;
}

}  // namespace

void Connection::set_deadline(SteadyTime when) {
  application_deadline_ = when;
  reschedule();
}

/// Records since when the message in progress has been incomplete.
void Connection::note_progress(bool was_incomplete, bool completed) {
  if (!messages_.incomplete() || (was_incomplete && !completed)) return;
  incomplete_since_ = context_.host.now();
  reschedule();
}

SteadyTime Connection::next_deadline() const {
  const TransportOptions& options = context_.options;
  if (phase_ == Phase::head) {
    const auto longest = established_ ? options.head_timeout
                                      : stream_.establish_timeout().value_or(options.head_timeout);
    const SteadyTime limit = after(phase_since_, longest);
    return refused_ ? std::min(limit, phase_since_ + kRefusedHeadTimeout) : limit;
  }
  if (phase_ != Phase::open) {
    const SteadyTime since =
        backlog_ && backlog_->undelivered ? backlog_->checked_at : phase_since_;
    return std::min(after(since, options.close_timeout),
                    after(phase_since_, options.drain_timeout));
  }

  SteadyTime next = application_deadline_;
  if (ended_) next = std::min(next, after(phase_since_, options.drain_timeout));
  if (paused_ || ended_) return next;
  if (messages_.incomplete()) {
    next = std::min(next, after(incomplete_since_, options.message_timeout));
  }
  const bool ping_first = options.send_pings && !pinged_;
  const auto idle = ping_first ? options.idle_timeout / 2 : options.idle_timeout;
  return std::min(next, after(last_received_, idle));
}

void Connection::on_options_changed() noexcept {
  if (phase_ == Phase::closed) return;
  messages_.set_max_payload(context_.options.max_payload_length);
  reschedule();
}

void Connection::reschedule() {
  context_.host.set_deadline(*this, next_deadline());
}

void Connection::on_deadline() {
  if (phase_ == Phase::closed) return;
  if (next_deadline() <= context_.host.now()) {
    switch (phase_) {
      case Phase::head:
        on_head_deadline();
        break;
      case Phase::open:
        on_open_deadline();
        break;
      case Phase::closing:
      case Phase::finishing:
      case Phase::half_closed:
        on_close_deadline();
        break;
      case Phase::closed:
        return;
    }
  }
  if (phase_ != Phase::closed) reschedule();
}

/// A peer that has yet to begin its connection could not read a response.
void Connection::on_head_deadline() {
  if (between_requests()) return end(false, {});
  if (established_) return respond(http::refuse({408, "The request took too long"}));
  stream_.on_establish_timeout();
  end(true, "took too long to begin");
}

/// Waits for a slow peer as long as it takes what was sent before the end, for a limited time.
void Connection::on_close_deadline() {
  const SteadyTime now = context_.host.now();
  if (now < after(phase_since_, context_.options.drain_timeout) && peer_makes_progress()) return;
  const bool delivered = stream_.unacknowledged() == 0;
  if (phase_ != Phase::half_closed) context_.counters.add(Counter::close_timeouts);
  // A reset would discard what the peer has received and not read yet.
  end(phase_ != Phase::half_closed || !delivered, "no close frame within close_timeout");
}

/// Whether the peer has taken bytes since the last call; at the first call, whether any are on
/// their way.
bool Connection::peer_makes_progress() {
  const std::size_t undelivered = queue_.unsent() + stream_.unacknowledged();
  if (!backlog_ && undelivered == 0) return false;
  auto& before = backlog().undelivered;
  const bool takes = before ? undelivered < *before : undelivered > 0;
  before = undelivered;
  backlog_->checked_at = context_.host.now();
  return takes;
}

void Connection::on_open_deadline() {
  const TransportOptions& options = context_.options;
  const SteadyTime now = context_.host.now();
  if (application_deadline_ <= now) {
    application_deadline_ = Deadlines::kNever;
    context_.application.on_deadline(*this);
    return;
  }
  if (ended_) {
    if (after(phase_since_, options.drain_timeout) <= now) {
      on_connection_lost("what came before its end was not handled within drain_timeout");
    }
    return;
  }
  if (messages_.incomplete() && after(incomplete_since_, options.message_timeout) <= now) {
    fail(ws::to_number(ws::CloseCode::policy_violation), "Message took too long",
         Counter::closed_message_timeout);
    return;
  }
  if (after(last_received_, options.idle_timeout) <= now) {
    context_.counters.add(Counter::closed_idle);  // protocol.md O12: without a close frame.
    end(false, "no byte for idle_timeout");
    return;
  }
  pinged_ = true;
  push(ws::make_frame(ws::Opcode::ping, {}));
  schedule_flush();
}

}  // namespace wscast::net
