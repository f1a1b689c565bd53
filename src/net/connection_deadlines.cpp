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

/// Keeps the message in progress, if there is one, and since when it has been incomplete.
void Connection::keep_partial(ws::MessageAssembler& messages, bool completed) {
  const bool reads_on = phase_ == Phase::open || phase_ == Phase::closing;
  if (!messages.incomplete() || !reads_on) return unfinished_.reset();
  Partial* const known = partial();
  if (known != nullptr && !completed) return;
  const SteadyTime now = context_.host.now();
  if (known != nullptr) {
    known->since = now;
  } else {
    unfinished_ = std::make_unique<Unfinished>(Partial{std::move(messages), now});
  }
  reschedule();
}

SteadyTime Connection::next_deadline() const {
  const TransportOptions& options = context_.options;
  if (phase_ == Phase::head) {
    const auto longest = established_ ? options.head_timeout
                                      : stream_.establish_timeout().value_or(options.head_timeout);
    const SteadyTime limit = after(since_, longest);
    return refused_ ? std::min(limit, since_ + kRefusedHeadTimeout) : limit;
  }
  if (phase_ != Phase::open) {
    const SteadyTime since = backlog_ && backlog_->undelivered ? backlog_->checked_at : since_;
    return std::min(after(since, options.close_timeout), after(since_, options.drain_timeout));
  }

  SteadyTime next = application_deadline_;
  if (ended_) next = std::min(next, after(since_, options.drain_timeout));
  if (paused_ || ended_) return next;
  if (partial() != nullptr) {
    next = std::min(next, after(partial()->since, options.message_timeout));
  }
  const bool ping_first = options.send_pings && !pinged_;
  const auto idle = ping_first ? options.idle_timeout / 2 : options.idle_timeout;
  return std::min(next, after(since_, idle));
}

void Connection::on_options_changed() noexcept {
  if (phase_ == Phase::closed) return;
  if (Partial* message = partial()) {
    message->messages.set_max_payload(context_.options.max_payload_length);
  }
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
  if (now < after(since_, context_.options.drain_timeout) && peer_makes_progress()) return;
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
    if (after(since_, options.drain_timeout) <= now) {
      on_connection_lost("what came before its end was not handled within drain_timeout");
    }
    return;
  }
  if (partial() != nullptr && after(partial()->since, options.message_timeout) <= now) {
    fail(ws::to_number(ws::CloseCode::policy_violation), "Message took too long",
         Counter::closed_message_timeout);
    return;
  }
  if (after(since_, options.idle_timeout) <= now) {
    context_.counters.add(Counter::closed_idle);  // protocol.md O12: without a close frame.
    end(false, "no byte for idle_timeout");
    return;
  }
  pinged_ = true;
  push(ws::make_frame(ws::Opcode::ping, {}));
  schedule_flush();
}

}  // namespace wscast::net
