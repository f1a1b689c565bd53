#include "net/connection.h"

#include <algorithm>
#include <limits>

#include "net/deadlines.h"
#include "net/http_response.h"
#include "ws/close_code.h"

namespace wscast::net {
namespace {

using ws::CloseCode;
using ws::to_number;

constexpr std::chrono::seconds kRetryAfter{10};

Counter counter_of(int status) {
  switch (status) {
    case 101:
      return Counter::upgrades;
    case 200:
      return Counter::http_pages_served;
    case 403:
      return Counter::http_forbidden;
    case 404:
      return Counter::http_not_found;
    case 405:
      return Counter::http_method_not_allowed;
    case 408:
      return Counter::http_head_timeout;
    case 426:
      return Counter::http_upgrade_required;
    case 431:
      return Counter::http_head_too_large;
    case 503:
      return Counter::connections_refused;
    default:
      return Counter::http_bad_request;
  }
}

Counter counter_of(CloseCode code) {
  switch (code) {
    case CloseCode::invalid_data:
      return Counter::closed_invalid_data;
    case CloseCode::message_too_big:
      return Counter::closed_message_too_big;
    default:
      return Counter::closed_protocol_error;
  }
}

}  // namespace

Connection::Connection(ConnectionContext& context, Stream& stream, std::size_t slot, bool refused)
    : context_(context),
      stream_(stream),
      refused_(refused),
      slot_(slot),
      head_(std::make_unique<HttpHead>(context.options.head_bytes_max,
                                       context.options.head_fields_max)),
      messages_(ws::Role::server, context.options.max_payload_length),
      phase_since_(context.host.now()),
      last_received_(phase_since_),
      application_deadline_(Deadlines::kNever) {
  reschedule();
}

Connection::~Connection() = default;

int Connection::send(const ws::FrameRef& frame) {
  if (phase_ != Phase::open) return 0;
  if (over_backpressure_limit()) {
    context_.counters.add(Counter::dropped_backpressure);
    return 0;
  }
  queue_.push(frame);
  want_turn();
  if (backpressured_) return -1;
  constexpr std::size_t most = std::numeric_limits<int>::max();
  return static_cast<int>(std::clamp<std::size_t>(frame.payload_size(), 1, most));
}

/// protocol.md T5: only what the kernel has refused counts, so it is asked first.
bool Connection::over_backpressure_limit() {
  const std::size_t limit = context_.options.backpressure_limit;
  if (queue_.unsent() <= limit) return false;
  if (!backpressured_ && !broken_) write();
  return queue_.unsent() > limit;
}

void Connection::close(std::uint16_t code, std::string_view reason) {
  if (phase_ == Phase::open) start_closing(code, reason, Phase::closing);
}

void Connection::pause_reading() {
  if (phase_ != Phase::open) return;
  paused_ = true;
  update_interest();
}

void Connection::resume_reading() {
  if (!paused_) return;
  paused_ = false;
  last_received_ = context_.host.now();  // These clocks stood still.
  incomplete_since_ = last_received_;
  update_interest();
  reschedule();
  if (held_) want_turn();
}

void Connection::on_ready(const Ready& ready) {
  if (phase_ == Phase::gone) return;
  if (ready.writable) want_turn();
  take_held();  // Came before what is read now.
  if (interest_.read && (ready.readable || ready.peer_ended)) {
    read();
  } else if (ready.peer_ended) {
    lost();  // Nobody reads: the level-triggered poller would report this for ever.
  }
}

void Connection::read() {
  std::span<std::uint8_t> buffer = context_.receive_buffer;
  const IoResult result = stream_.read(buffer);
  if (result.status == IoStatus::would_block) return;
  if (result.status == IoStatus::end) return take_end();
  if (result.status == IoStatus::error) return lost();
  if (discards()) return;
  last_received_ = context_.host.now();
  pinged_ = false;
  if (phase_ == Phase::head) {
    take_head(buffer.first(result.bytes));
  } else {
    take_frames(buffer.first(result.bytes));
  }
}

void Connection::take_head(std::span<std::uint8_t> input) {
  switch (head_->feed(input)) {
    case HttpHead::Outcome::need_more:
      return;
    case HttpHead::Outcome::refused:
      respond(head_->status(), refusal_response({head_->status(), head_->reason()}));
      return;
    case HttpHead::Outcome::complete:
      answer_request();
      break;
  }
  if (phase_ == Phase::open && !input.empty()) take_frames(input);  // protocol.md U4.
}

void Connection::answer_request() {
  if (refused_) {
    respond(503,
            refusal_response(
                {.status = 503, .reason = "Too many connections", .retry_after = kRetryAfter}));
    return;
  }
  const HttpAnswer answer = context_.application.on_request(head_->head());
  if (answer.status == 101) {
    open_websocket(answer.bytes);
  } else {
    respond(answer.status, answer.bytes);
  }
}

void Connection::respond(int status, std::string_view bytes) {
  context_.counters.add(counter_of(status));
  queue_.push(ws::make_raw(bytes));
  head_.reset();
  enter(Phase::finishing);
  want_turn();
}

void Connection::open_websocket(std::string_view response) {
  context_.counters.add(Counter::upgrades);
  queue_.push(ws::make_raw(response));
  head_.reset();
  notified_ = false;
  enter(Phase::open);
  want_turn();
  context_.application.on_open(*this);
}

void Connection::take_frames(std::span<std::uint8_t> input) {
  const bool was_incomplete = messages_.incomplete();
  bool completed = false;
  while (phase_ == Phase::open || phase_ == Phase::closing) {
    if (paused_) {
      if (!input.empty()) {
        held_ = std::make_unique<std::vector<std::uint8_t>>(input.begin(), input.end());
      }
      break;
    }
    const ws::Incoming incoming = messages_.next(input);
    if (incoming.kind == ws::Incoming::Kind::need_more) break;
    completed = completed || incoming.kind <= ws::Incoming::Kind::binary;
    take(incoming);
  }
  note_progress(was_incomplete, completed);
}

/// What was read before reading was paused.
void Connection::take_held() {
  if (!held_ || paused_) return;
  const auto held = std::move(held_);
  take_frames(*held);
}

void Connection::take(const ws::Incoming& incoming) {
  using Kind = ws::Incoming::Kind;
  switch (incoming.kind) {
    case Kind::text:
    case Kind::binary:
      if (phase_ != Phase::open) return;
      context_.counters.add(Counter::messages_received);
      context_.application.on_message(*this, incoming.kind == Kind::binary, incoming.text());
      return;
    case Kind::ping:
      answer_ping(incoming.payload);
      return;
    case Kind::close:
      take_close(incoming.code, incoming.text());
      return;
    case Kind::failure:
      fail(incoming.code, incoming.reason, counter_of(static_cast<CloseCode>(incoming.code)));
      return;
    case Kind::pong:
    case Kind::need_more:
      return;
  }
}

/// RFC 6455 section 5.5.3. A peer that pings without reading gets its answers dropped.
void Connection::answer_ping(std::span<const std::uint8_t> payload) {
  if (phase_ != Phase::open) return;
  if (over_backpressure_limit()) {
    context_.counters.add(Counter::pongs_dropped);
    return;
  }
  queue_.push(ws::make_frame(ws::Opcode::pong,
                             {reinterpret_cast<const char*>(payload.data()), payload.size()}));
  want_turn();
}

void Connection::take_close(std::uint16_t code, std::string_view reason) {
  if (phase_ == Phase::open) {
    context_.counters.add(Counter::closed_by_peer);
    start_closing(code, reason, Phase::finishing);
  } else {
    enter(Phase::finishing);
    want_turn();
  }
  notify_closed(code, reason);
}

void Connection::fail(std::uint16_t code, std::string_view reason, Counter counter) {
  context_.counters.add(counter);
  if (phase_ == Phase::open) {
    start_closing(code, reason, Phase::finishing);
  } else {
    enter(Phase::finishing);
    want_turn();
  }
  notify_closed(code, reason);
}

void Connection::start_closing(std::uint16_t code, std::string_view reason, Phase phase) {
  queue_.push(ws::make_close_frame(code, reason));
  enter(phase);
  want_turn();
}

/// The peer has sent all it will. What answers an HTTP request or a close frame still goes out.
void Connection::take_end() {
  if (phase_ != Phase::finishing) return lost();
  peer_ended_ = true;
  update_interest();
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

void Connection::want_turn() {
  if (turn_wanted_) return;
  turn_wanted_ = true;
  context_.host.wants_turn(*this);
}

void Connection::stopped_writing(IoStatus status) {
  broken_ = status != IoStatus::would_block;
  if (broken_) want_turn();
  if (!broken_ && !backpressured_) {
    backpressured_ = true;
    update_interest();
    if (phase_ == Phase::open) context_.application.on_backpressure(*this);
  }
}

void Connection::end_turn() {
  if (broken_) return lost();
  if (queue_.empty()) written();
}

void Connection::written() {
  if (backpressured_) {
    backpressured_ = false;
    update_interest();
    if (phase_ == Phase::open) context_.application.on_drain(*this);
  }
  if (phase_ != Phase::finishing) return;
  stream_.shutdown_write();
  if (peer_ended_) return end(false);
  enter(Phase::lingering);
}

/// Closing at once would make the kernel answer unread input with a reset, which may overtake what
/// we wrote last: so input is read and thrown away until the peer has ended too.
void Connection::enter(Phase phase) {
  phase_ = phase;
  phase_since_ = context_.host.now();
  if (discards()) held_.reset();
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
  notify_closed(to_number(CloseCode::abnormal), {});
  context_.host.gone(*this);
}

void Connection::notify_closed(std::uint16_t code, std::string_view reason) {
  if (notified_) return;
  notified_ = true;
  context_.application.on_close(*this, code, reason);
}

void Connection::update_interest() {
  const Interest wanted{
      .read = !paused_ && !peer_ended_, .write = backpressured_, .end = !peer_ended_};
  if (wanted == interest_) return;
  interest_ = wanted;
  context_.host.set_interest(*this, wanted);
}

}  // namespace wscast::net
