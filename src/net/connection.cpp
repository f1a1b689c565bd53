#include "net/connection.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

#include "net/deadlines.h"
#include "ws/close_code.h"

namespace wscast::net {
namespace {

using ws::CloseCode;

constexpr std::size_t kMuchBytes = 8 * 1024;
constexpr std::uint16_t kMaxLateKib = 1024;
constexpr std::size_t kMessagesPerClockRead = 64;
constexpr std::uint8_t kMaxQueuedPongs = 16;
constexpr std::string_view kReset = "the connection was reset";

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

Connection::Connection(ConnectionContext& context, Stream& stream, std::uint32_t slot, bool refused)
    : context_(context),
      stream_(stream),
      refused_(refused),
      established_(stream.established()),
      encrypted_(stream.encrypted()),
      slot_(slot),
      unfinished_(std::make_unique<Unfinished>(std::in_place_type<http::RequestParser>,
                                               context.options.max_head_bytes,
                                               context.options.max_head_fields)),
      since_(context.host.now()),
      application_deadline_(Deadlines::kNever) {
  reschedule();
  note_state();
}

Connection::~Connection() {
  clear_queue();
  set_backpressured(false);
  if (counted_as_ != ConnectionState::count_) context_.gauges.leave(encrypted_, counted_as_);
}

int Connection::send(const ws::FrameRef& frame) noexcept try {
  if (!open()) return 0;
  if (over_backpressure_limit()) {
    context_.counters.add(Counter::dropped_backpressure, frame.messages());
    return 0;
  }
  push(compresses_ ? context_.deflate->compressor.form_of(frame, window_bits_) : frame);
  context_.counters.add(Counter::messages_sent, frame.messages());
  schedule_flush();
  if (backpressured_) return -1;
  constexpr std::size_t most = std::numeric_limits<int>::max();
  return static_cast<int>(std::clamp<std::size_t>(frame.payload_size(), 1, most));
} catch (const std::exception&) {
  give_up_later();
  return 0;
}

/// protocol.md T5: only what the kernel has refused counts, so a write is tried first.
bool Connection::still_over_backpressure_limit() {
  if (!backpressured_ && !broken_) write();
  if (context_.deliveries != nullptr) context_.deliveries->settle();
  return queue_.cost() > context_.options.backpressure_limit;
}

void Connection::close(std::uint16_t code, std::string_view reason) {
  if (phase_ == Phase::open) start_closing(code, reason, Phase::closing);
}

void Connection::trust(bool compress) {
  compresses_ = compress && window_bits_ != 0;
  if (trusted_) return;
  trusted_ = true;
  note_state();
  if (!read_only_ && phase_ != Phase::closed) context_.host.on_trusted(*this);
}

void Connection::pause_reading() {
  if (phase_ != Phase::open) return;
  paused_ = true;
  update_interest();
}

void Connection::resume_reading() {
  if (!paused_) return;
  paused_ = false;
  restart_idle_timeout();  // These timeouts did not run.
  if (Partial* message = partial()) message->since = context_.host.now();
  update_interest();
  reschedule();
  if (backlog_ || read_only_) schedule_flush();
}

bool Connection::on_ready(const Ready& ready) {
  if (phase_ == Phase::closed) return false;
  if (ready.writable) schedule_flush();
  handle_backlog();  // Came before what is read now.
  if (!established_) {
    read();
    return true;  // A step of a handshake is much work.
  }
  if (interest_.read && (ready.readable || ready.peer_ended)) {
    if (!has_held_input()) return read() >= kMuchBytes;
  } else if (ready.peer_ended) {
    on_end_while_paused(ready.broken);
  }
  return false;
}

/// Returns the number of bytes read, and inflated from them.
std::size_t Connection::read() {
  if (deaf_) return 0;
  std::span<std::uint8_t> buffer = context_.receive_buffer;
  const IoResult result = stream_.read(buffer);
  if (!established_) note_establishing();
  if (result.status == IoStatus::would_block) {
    if (read_only_) on_connection_lost(kReset);  // All was read, and nothing reports more.
    if (phase_ == Phase::head) check_admission();
    return 0;
  }
  if (result.status == IoStatus::end) {
    on_peer_end();
    return 0;
  }
  if (result.status == IoStatus::error) {
    stream_.established() ? on_connection_lost(kReset) : end(false, kReset);
    return 0;
  }
  context_.counters.add(Counter::bytes_received, result.bytes);
  if (phase_ != Phase::head && phase_ != Phase::open) note_late_input(result.bytes);
  if (discards()) return result.more ? read() : result.bytes;
  restart_idle_timeout();
  pinged_ = false;
  std::size_t work = result.bytes;
  if (phase_ == Phase::head) {
    read_head(buffer.first(result.bytes));
  } else {
    work += handle_frames(buffer.first(result.bytes));
  }
  if (result.more) read_again_later();
  return work;
}

void Connection::restart_idle_timeout() {
  if (phase_ == Phase::open && !ended_) since_ = context_.host.now();
}

/// A peer may go on sending until it sees the close frame or response, but one that does not stop
/// would have the server read for nothing until close_timeout: it is read to a limit only.
void Connection::note_late_input(std::size_t bytes) {
  constexpr std::size_t kib = 1024;
  late_kib_ = static_cast<std::uint16_t>(late_kib_ + bytes / kib + 1);  // A read is some work too.
  if (late_kib_ < kMaxLateKib) return;
  deaf_ = true;
  update_interest();
}

/// Reads what no event announces when what was read before has been handled.
void Connection::read_again_later() {
  if (discards()) {
    read();
  } else if (phase_ != Phase::closed) {
    backlog().read_again = true;
    schedule_flush();
  }
}

/// Returns the number of bytes that were inflated: a compressed message may be much more work than
/// its size on the wire, so the clock is read after each.
std::size_t Connection::handle_frames(std::span<std::uint8_t> input) {
  auto fresh = new_assembler();
  ws::MessageAssembler& messages = partial() != nullptr ? partial()->messages : fresh;
  bool completed = false;
  std::size_t handled = 0;
  std::size_t inflated = 0;
  bool much = false;
  while (phase_ == Phase::open || phase_ == Phase::closing) {
    const bool look = ++handled % kMessagesPerClockRead == 0 || std::exchange(much, false);
    const bool slice_over = look && context_.host.slice_over();
    if (paused_ || slice_over) {
      if (!input.empty()) backlog().input.assign(input.begin(), input.end());
      if (slice_over) schedule_flush();
      break;
    }
    const ws::Incoming incoming = messages.next(input, inflation());
    if (incoming.kind == ws::Incoming::Kind::need_more) break;
    completed = completed || incoming.kind <= ws::Incoming::Kind::binary;
    if (incoming.compressed) {
      inflated += incoming.payload.size();
      context_.counters.add(Counter::inflated_bytes, incoming.payload.size());
      much = true;
    }
    handle(incoming);
  }
  keep_partial(messages, completed);
  return inflated;
}

ws::MessageAssembler Connection::new_assembler() const {
  return {ws::Role::server, context_.options.max_payload_length};
}

ws::Inflation Connection::inflation() const {
  if (window_bits_ == 0) return {};
  const TransportOptions& options = context_.options;
  const std::uint64_t before_auth = options.per_message_deflate.max_inflated_before_auth;
  return {.inflater = &context_.deflate->inflater,
          .max_message = trusted_ ? options.max_payload_length
                                  : std::min(before_auth, options.max_payload_length)};
}

/// Handles what was read before reading was paused, or before a slice was over.
void Connection::handle_backlog() {
  if (!backlog_ || paused_) return;
  auto input = std::exchange(backlog_->input, {});
  const bool read_again = std::exchange(backlog_->read_again, false);
  if (!backlog_->pong && !backlog_->undelivered) backlog_.reset();  // Allocated only while in use.
  if (!input.empty()) phase_ == Phase::head ? read_head(input) : void(handle_frames(input));
  if (!read_again || phase_ == Phase::closed) return;
  if (paused_ || has_held_input()) {
    backlog().read_again = true;
  } else {
    read();
  }
}

Connection::Backlog& Connection::backlog() {
  if (!backlog_) backlog_ = std::make_unique<Backlog>();
  return *backlog_;
}

void Connection::handle(const ws::Incoming& incoming) {
  using Kind = ws::Incoming::Kind;
  switch (incoming.kind) {
    case Kind::text:
    case Kind::binary:
      if (phase_ != Phase::open) return;
      context_.counters.add(Counter::messages_received);
      if (incoming.compressed) context_.counters.add(Counter::messages_inflated);
      context_.application.on_message(*this, incoming.kind == Kind::binary, incoming.text());
      return;
    case Kind::ping:
      on_ping(incoming.payload);
      return;
    case Kind::close:
      if (phase_ == Phase::open) context_.counters.add(Counter::closed_by_peer);
      finish_websocket(incoming.code, incoming.text());
      return;
    case Kind::failure:
      fail(incoming.code, incoming.reason, counter_of(static_cast<CloseCode>(incoming.code)));
      return;
    case Kind::pong:
      if (phase_ == Phase::open) context_.application.on_control(*this, incoming.payload.size());
      return;
    case Kind::need_more:
      return;
  }
}

/// RFC 6455 section 5.5.3: a peer that pings faster than the kernel takes the pongs gets a pong to
/// the most recent ping only.
void Connection::on_ping(std::span<const std::uint8_t> payload) {
  if (phase_ != Phase::open) return;
  if (!context_.application.on_control(*this, payload.size()) || !open()) return;
  ws::FrameRef pong = ws::make_frame(
      ws::Opcode::pong, {reinterpret_cast<const char*>(payload.data()), payload.size()});
  if (queue_.empty()) queued_pongs_ = 0;
  if (queued_pongs_ == kMaxQueuedPongs && !backpressured_ && !broken_) {
    write();
    if (queue_.empty()) queued_pongs_ = 0;
  }
  if (!backpressured_ && queued_pongs_ < kMaxQueuedPongs) return push_pong(std::move(pong));
  Backlog& waiting = backlog();
  if (waiting.pong) context_.counters.add(Counter::pongs_dropped);
  waiting.pong = std::move(pong);
}

void Connection::push_pong(ws::FrameRef pong) {
  ++queued_pongs_;
  push(std::move(pong));
  schedule_flush();
}

void Connection::schedule_flush() noexcept {
  if (flush_scheduled_) return;
  flush_scheduled_ = true;
  context_.host.schedule_flush(*this);
}

void Connection::on_incomplete_write(IoStatus status) {
  broken_ = status != IoStatus::would_block;
  if (broken_) {
    clear_queue();
    schedule_flush();
  }
  if (!broken_ && !backpressured_) {
    set_backpressured(true);
    update_interest();
    if (phase_ == Phase::open) context_.application.on_backpressure(*this);
  }
}

void Connection::after_flush() {
  if (given_up_) return give_up();
  if (broken_) {
    enter_read_only();
    if (read_only_ && phase_ == Phase::open) drain_input();
    return;
  }
  if (queue_.empty()) on_queue_written();
}

void Connection::on_queue_written() {
  if (backpressured_) {
    set_backpressured(false);
    update_interest();
    if (phase_ == Phase::open) {
      if (backlog_ && backlog_->pong) push_pong(std::exchange(backlog_->pong, {}));
      context_.application.on_drain(*this);
    }
  }
  if (phase_ != Phase::finishing) return;
  stream_.shutdown_write();
  if (peer_ended_) return end(false, {});  // Its close was reported.
  enter(Phase::half_closed);
}

void Connection::update_interest() {
  if (read_only_) return;
  const bool blocked = !established_ && stream_.wants_write();  // Nothing can be read meanwhile.
  const Interest wanted{.read = !paused_ && !peer_ended_ && !blocked && !deaf_,
                        .write = backpressured_ || blocked,
                        .end = !peer_ended_ && !ended_ && !blocked};
  if (wanted == interest_) return;
  interest_ = wanted;
  context_.host.set_interest(*this, wanted);
}

}  // namespace wscast::net
