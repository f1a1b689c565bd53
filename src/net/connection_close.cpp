#include "net/connection.h"
#include "ws/close_code.h"

// How a connection ends: by a close frame of either side, by the peer's end, or by an error.
namespace wscast::net {
namespace {

constexpr std::string_view kReset = "the connection was reset";

}  // namespace

void Connection::fail(std::uint16_t code, std::string_view reason, Counter counter) {
  context_.counters.add(counter);
  finish_websocket(code, reason);
}

/// Sends a close frame unless one was sent before, then what is queued.
void Connection::finish_websocket(std::uint16_t code, std::string_view reason) {
  if (phase_ == Phase::open) {
    start_closing(code, reason, Phase::finishing);
  } else {
    enter(Phase::finishing);
    schedule_flush();
  }
  notify_closed(code, reason);
}

void Connection::start_closing(std::uint16_t code, std::string_view reason, Phase phase) {
  push(ws::make_close_frame(code, reason));
  enter(phase);
  schedule_flush();
}

/// The peer has sent all it will. The response to its request or close frame is still sent.
void Connection::on_peer_end() {
  if (phase_ != Phase::finishing) return on_connection_lost("left without a close frame");
  peer_ended_ = true;
  update_interest();
}

/// While reading is paused the level-triggered poller would report the end again and again. What
/// came before it is handled when reading resumes.
void Connection::on_end_while_paused(bool broken) {
  if (phase_ != Phase::open) return on_connection_lost(kReset);
  if (broken) return enter_read_only();
  ended_ = true;
  since_ = context_.host.now();
  update_interest();
  reschedule();
}

/// The peer takes nothing any more. What it sent before is still handled: it is read to its end
/// without the poller, which would report the broken connection again and again.
void Connection::enter_read_only() {
  if (phase_ != Phase::open) return on_connection_lost(kReset);
  if (read_only_) return;
  read_only_ = ended_ = true;
  broken_ = true;
  set_backpressured(false);
  clear_queue();
  if (backlog_) backlog_->pong = {};
  since_ = context_.host.now();
  context_.host.stop_watching(*this);
  reschedule();
  schedule_flush();
}

void Connection::drain_input() {
  if (paused_) return;
  if (!has_held_input()) read();
  if (phase_ == Phase::open) schedule_flush();
}

/// Ends a connection that can be neither read nor written.
void Connection::on_connection_lost(std::string_view words) {
  if (phase_ == Phase::head && established_ && !between_requests()) {
    context_.counters.add(Counter::http_abandoned);
  }
  if (phase_ == Phase::open) context_.counters.add(Counter::connections_reset);
  end(false, words);
}

void Connection::drop() noexcept {
  if (phase_ != Phase::closed) context_.counters.add(Counter::connections_dropped);
  end(false, "the server stopped");
}

void Connection::give_up() noexcept {
  if (phase_ == Phase::closed) return;
  context_.counters.add(Counter::closed_out_of_memory);
  end(false, "the server ran out of memory");
}

void Connection::give_up_later() noexcept {
  if (phase_ == Phase::closed) return;
  given_up_ = broken_ = true;
  clear_queue();
  schedule_flush();
}

/// Closing at once would make the kernel respond to unread input with a reset, which may overtake
/// what was written last: so input is read and discarded until the peer has ended too.
void Connection::enter(Phase phase) {
  phase_ = phase;
  note_state();
  since_ = context_.host.now();
  if (discards()) backlog_.reset();
  if (phase_ != Phase::open) {  // What comes next ends the connection: it must be read.
    paused_ = false;
    update_interest();
  }
  reschedule();
}

void Connection::end(bool abort, std::string_view words) noexcept {
  if (phase_ == Phase::closed) return;
  if (abort) stream_.abort();
  phase_ = Phase::closed;
  note_state();
  clear_queue();
  notify_closed(ws::to_number(ws::CloseCode::abnormal), words);
  context_.host.schedule_deletion(*this);
}

void Connection::notify_closed(std::uint16_t code, std::string_view reason) noexcept {
  if (notified_) return;
  notified_ = true;
  context_.application.on_close(*this, code, reason);
}

}  // namespace wscast::net
