#include <algorithm>

#include "net/connection.h"
#include "net/deadlines.h"
#include "net/http_response.h"
#include "ws/close_code.h"

// What a connection does when time has passed.
namespace wscast::net {
namespace {

SteadyTime after(SteadyTime from, std::chrono::milliseconds duration) {
  return duration.count() == 0 ? Deadlines::kNever : from + duration;
}

}  // namespace

void Connection::set_deadline(SteadyTime when) {
  application_deadline_ = when;
  reschedule();
}

/// Keeps the time since when the message in progress has been incomplete.
void Connection::note_progress(bool was_incomplete, bool completed) {
  if (!messages_.incomplete() || (was_incomplete && !completed)) return;
  incomplete_since_ = context_.host.now();
  reschedule();
}

SteadyTime Connection::next_deadline() const {
  const TransportOptions& options = context_.options;
  if (phase_ == Phase::head) return after(phase_since_, options.head_timeout);
  if (phase_ != Phase::open) return after(phase_since_, options.close_timeout);

  SteadyTime next = application_deadline_;
  if (paused_) return next;
  if (messages_.incomplete()) {
    next = std::min(next, after(incomplete_since_, options.message_timeout));
  }
  const bool ping_first = options.send_pings && !pinged_;
  const auto idle = ping_first ? options.idle_timeout / 2 : options.idle_timeout;
  return std::min(next, after(last_received_, idle));
}

void Connection::reschedule() {
  context_.host.set_deadline(*this, next_deadline());
}

void Connection::on_deadline() {
  if (phase_ == Phase::gone) return;
  if (next_deadline() <= context_.host.now()) {
    switch (phase_) {
      case Phase::head:
        respond(408, refusal_response({408, "The request took too long"}));
        break;
      case Phase::open:
        on_open_deadline();
        break;
      case Phase::closing:
      case Phase::finishing:
        context_.counters.add(Counter::close_timeouts);
        return end(true);
      case Phase::lingering:
        return end(true);
      case Phase::gone:
        return;
    }
  }
  if (phase_ != Phase::gone) reschedule();
}

void Connection::on_open_deadline() {
  const TransportOptions& options = context_.options;
  const SteadyTime now = context_.host.now();
  if (application_deadline_ <= now) {
    application_deadline_ = Deadlines::kNever;
    context_.application.on_deadline(*this);
    return;
  }
  if (messages_.incomplete() && after(incomplete_since_, options.message_timeout) <= now) {
    fail(ws::to_number(ws::CloseCode::policy_violation), "Message took too long",
         Counter::closed_message_timeout);
    return;
  }
  if (after(last_received_, options.idle_timeout) <= now) {
    context_.counters.add(Counter::closed_idle);  // protocol.md O12: without a close frame.
    end(false);
    return;
  }
  pinged_ = true;
  queue_.push(ws::make_frame(ws::Opcode::ping, {}));
  want_turn();
}

}  // namespace wscast::net
