#include "net/connection.h"
#include "ws/close_code.h"

// How a connection ends: by a close frame of either side, by the peer's end, or by breaking.
namespace wscast::net {

void Connection::take_close(std::uint16_t code, std::string_view reason) {
  if (phase_ == Phase::open) {
    context_.counters.add(Counter::closed_by_peer);
    start_closing(code, reason, Phase::finishing);
  } else {
    enter(Phase::finishing);
    schedule_flush();
  }
  notify_closed(code, reason);
}

void Connection::fail(std::uint16_t code, std::string_view reason, Counter counter) {
  context_.counters.add(counter);
  if (phase_ == Phase::open) {
    start_closing(code, reason, Phase::finishing);
  } else {
    enter(Phase::finishing);
    schedule_flush();
  }
  notify_closed(code, reason);
}

void Connection::start_closing(std::uint16_t code, std::string_view reason, Phase phase) {
  queue_.push(ws::make_close_frame(code, reason));
  enter(phase);
  schedule_flush();
}

/// The peer has sent all it will. What answers an HTTP request or a close frame still goes out.
void Connection::take_end() {
  if (phase_ != Phase::finishing) return lost();
  peer_ended_ = true;
  update_interest();
}

/// Nobody reads, and the level-triggered poller would report the end for ever. What came before it
/// counts, and is handled when reading goes on.
void Connection::note_end_while_paused(bool broken) {
  if (phase_ != Phase::open) return lost();
  if (broken) return lose_output();
  ended_ = true;
  phase_since_ = context_.host.now();
  update_interest();
  reschedule();
}

/// The peer takes nothing any more. What it sent before counts: it is read to its end, without the
/// poller, which would report the broken connection for ever.
void Connection::lose_output() {
  if (phase_ != Phase::open) return lost();
  if (output_lost_) return;
  output_lost_ = ended_ = true;
  broken_ = true;
  backpressured_ = false;
  queue_.clear();
  if (backlog_) backlog_->pong = {};
  phase_since_ = context_.host.now();
  context_.host.stop_watching(*this);
  reschedule();
  schedule_flush();
}

void Connection::read_the_rest() {
  if (paused_) return;
  if (!has_held_input()) read();
  if (phase_ == Phase::open) schedule_flush();
}

/// The connection is of no use any more.
void Connection::lost() {
  if (phase_ == Phase::head) context_.counters.add(Counter::http_abandoned);
  if (phase_ == Phase::open) context_.counters.add(Counter::connections_reset);
  end(false);
}

void Connection::drop() {
  end(false);
}

/// Closing at once would make the kernel answer unread input with a reset, which may overtake what
/// we wrote last: so input is read and thrown away until the peer has ended too.
void Connection::enter(Phase phase) {
  phase_ = phase;
  phase_since_ = context_.host.now();
  if (discards()) backlog_.reset();
  if (phase_ != Phase::open) {  // What comes now ends the connection: it must be read.
    paused_ = false;
    update_interest();
  }
  reschedule();
}

void Connection::end(bool abort) {
  if (phase_ == Phase::gone) return;
  if (abort) stream_.abort();
  phase_ = Phase::gone;
  queue_.clear();
  notify_closed(ws::to_number(ws::CloseCode::abnormal), {});
  context_.host.gone(*this);
}

void Connection::notify_closed(std::uint16_t code, std::string_view reason) {
  if (notified_) return;
  notified_ = true;
  context_.application.on_close(*this, code, reason);
}

}  // namespace wscast::net
