#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "wscast/options.h"

#include "base/clock.h"
#include "base/counters.h"
#include "http/request_parser.h"
#include "net/application.h"
#include "net/connection_gauges.h"
#include "net/delivery_timer.h"
#include "net/out_queue.h"
#include "net/poller.h"
#include "net/stream.h"
#include "ws/frame_compressor.h"
#include "ws/message_assembler.h"

namespace wscast::net {

/// What a connection needs of the shard it lives on. No call fails: what a connection has to do at
/// its end must not depend on memory that is left.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;

  /// The time of this iteration.
  virtual SteadyTime now() const = 0;

  /// Runs Connection::flush before this iteration ends, or soon. Called once until that is done.
  virtual void schedule_flush(Connection& connection) noexcept = 0;

  virtual void set_interest(Connection& connection, Interest interest) noexcept = 0;

  /// Ends calls of Connection::on_ready: the connection drives itself by scheduling flushes.
  virtual void stop_watching(Connection& connection) noexcept = 0;

  /// Whether the iteration has used its share of time and must leave the rest to the next one.
  virtual bool slice_over() const = 0;

  /// Runs Connection::on_deadline at `when`; replaces the time set before.
  virtual void set_deadline(Connection& connection, SteadyTime when) noexcept = 0;

  /// Whether the client's address has room for `connection`. Asked while it is a request, with the
  /// head once that is complete, which may say who the client is (ProxiedClient), else with null.
  virtual bool admits(const Connection& /*connection*/, const http::RequestHead* /*head*/) {
    return true;
  }

  /// From now on the connection goes before those that are not trusted.
  virtual void on_trusted(Connection& /*connection*/) noexcept {}

  /// The connection is over; its stream goes to Application::on_handover with take_received(), when
  /// this iteration ends, or soon.
  virtual void schedule_handover(Connection& connection) noexcept = 0;

  /// Destroys the connection, which has ended, when this iteration ends, or soon.
  virtual void schedule_deletion(Connection& connection) noexcept = 0;
};

/// The contexts of permessage-deflate of one shard: no connection has one of its own.
struct Deflate {
  Deflate(const DeflateOptions& options, Counters& counters) : compressor(options, counters) {}

  ws::Inflater inflater;
  ws::FrameCompressor compressor;
};

/// What the connections of one shard share.
struct ConnectionContext {
  const TransportOptions& options;
  Application& application;
  ConnectionHost& host;
  Counters& counters;
  std::span<std::uint8_t> receive_buffer;  ///< Holds one read, during that read only.
  std::span<std::uint8_t> scratch;         ///< Holds small frames side by side, during one write.
  Deflate* deflate = nullptr;              ///< Null: no response may accept permessage-deflate.
  DeliveryTimer* deliveries = nullptr;     ///< Null: deliveries are not measured.
  ConnectionGauges gauges{};
  SpareFrameLists spare_lists{};
};

/// State that an application attaches to a connection.
class Attachment {
 public:
  virtual ~Attachment() = default;

  /// The client, as traces of messages name it.
  virtual std::optional<ClientId> client_id() const { return std::nullopt; }
};

/// One client's connection: an HTTP request first, then a WebSocket. It turns readiness, time and
/// the application's calls into bytes, without knowing about sockets or threads. Frames are queued
/// by send() and written by flush(), once per loop iteration. Shard thread only; lives until
/// ConnectionHost destroys it, and its stream lives longer.
///
/// When a call throws, nothing can be said of the connection's state any more: its host, or whoever
/// called it, gives it up.
class Connection {
 public:
  /// `refused`: the server is full; the request gets a 503 response.
  Connection(ConnectionContext& context, Stream& stream, std::uint32_t slot, bool refused);
  ~Connection();

  // For the application.

  /// Queues `frame`. protocol.md T12: > 0 accepted (bytes of the payload), 0 dropped, -1 accepted
  /// behind bytes that the kernel already refused. Without memory it returns 0 and gives up the
  /// connection, later: a fan-out goes on to the other receivers. Several messages in one frame are
  /// accepted or dropped together; only where takes_joined().
  int send(const ws::FrameRef& frame) noexcept;

  /// Whether send() takes several messages in one frame: each is compressed by itself.
  bool takes_joined() const { return !compresses_; }

  /// Whether so much waits that the next message would be dropped (protocol.md T5).
  bool over_backpressure_limit() {
    return queue_.cost() > context_.options.backpressure_limit && still_over_backpressure_limit();
  }

  /// Sends a close frame and waits for the peer's; nothing is sent after it. No-op unless open.
  void close(std::uint16_t code, std::string_view reason);

  /// The peer has been authenticated, or need not be: it goes before those that are not, and what
  /// it sends may inflate to `max_payload_length`, no longer to `max_inflated_before_auth` only.
  /// `compress`: what is sent to it is compressed from now on, if it takes that (protocol.md T7).
  void trust(bool compress);

  /// Ends the connection with its next flush, without a close frame, and counts that: the
  /// application could not serve it.
  void give_up_later() noexcept;

  /// While reading is paused, no messages come and the idle timeout does not run.
  void pause_reading();
  void resume_reading();

  /// Sets when Application::on_deadline is called; Deadlines::kNever: never.
  void set_deadline(SteadyTime when);

  bool open() const { return phase_ == Phase::open && !read_only_; }
  bool backpressured() const { return backpressured_; }
  std::size_t unsent() const { return queue_.unsent(); }
  std::string remote_address() const { return stream_.remote_address(); }
  std::optional<IpAddress> client_address() const { return stream_.client_address(); }

  void attach(std::unique_ptr<Attachment> attachment) { attachment_ = std::move(attachment); }
  Attachment* attachment() const { return attachment_.get(); }

  /// Releases the attachment, which then outlives its connection. Only in on_close.
  std::unique_ptr<Attachment> detach() { return std::move(attachment_); }

  // For the host.

  /// Returns whether it was so much work that the host should read the clock.
  bool on_ready(const Ready& ready);

  /// Inline for the common case: a fan-out does little else between its system calls, and each
  /// function call on the way is a measurable part of that (bench/compare_with_floor).
  void flush() {
    flush_scheduled_ = false;
    if (backlog_ && phase_ != Phase::closed) handle_backlog();
    if (phase_ == Phase::closed) return;
    if (!broken_) write();
    if (broken_ || backpressured_ || phase_ != Phase::open) after_flush();
  }

  /// Begins flush() with what it would write: false: it must be called instead. Once what is in
  /// `batch` was sent, note_sent() and then end_flush() follow; nothing else is called until
  /// note_sent().
  bool begin_flush(SendBatch& batch) {
    if (backlog_ || phase_ != Phase::open || broken_ || backpressured_ || queue_.empty()) {
      return false;
    }
    const int descriptor = stream_.send_descriptor();
    if (descriptor < 0) return false;
    const auto bytes = queue_.gather(batch);
    if (bytes.empty()) return false;
    const EncodedBytes encoded = stream_.encode(bytes, batch);
    if (encoded.wire.empty()) return false;
    flush_scheduled_ = false;
    batch.add(this, descriptor, encoded);
    return true;
  }

  /// Returns whether end_flush() has something to do; `send` is as it wants it.
  bool note_sent(BatchedSend& send) noexcept {
    IoResult& result = send.result;
    if (send.encoded.bytes > 0) result = stream_.note_sent(send.encoded, result);
    note_dequeued(
        [&] { queue_.note_sent(result.bytes, context_.spare_lists, context_.deliveries); });
    return result.status != IoStatus::ok || !queue_.empty();
  }

  void end_flush(const IoResult& result) {
    if (phase_ == Phase::closed) return;
    if (result.status != IoStatus::ok) {
      on_incomplete_write(result.status);
    } else if (!broken_) {
      write();
    }
    if (broken_ || backpressured_ || phase_ != Phase::open) after_flush();
  }

  /// Prefetches the cache lines that an iteration touches.
  void prefetch() const {
    __builtin_prefetch(this);
    __builtin_prefetch(&phase_);
  }

  /// ConnectionContext::options are others now.
  void on_options_changed() noexcept;

  bool flush_scheduled() const { return flush_scheduled_; }
  bool trusted() const { return trusted_; }
  Interest interest() const { return interest_; }
  void on_deadline();
  std::uint32_t slot() const { return slot_; }

  /// Whether the connection is still an HTTP request.
  bool requesting() const { return phase_ == Phase::head; }

  /// Ends the connection without a response or close frame.
  void drop() noexcept;

  /// The same, and counts that memory was short.
  void give_up() noexcept;

  /// Begins with what was read of the stream before, between two requests.
  void go_on(std::string_view received);

  /// What was read, from the request on. After ConnectionHost::schedule_handover.
  std::string take_received();

 private:
  enum class Phase : std::uint8_t {
    head,         ///< Reading the request.
    open,         ///< A WebSocket.
    closing,      ///< Our close frame is out, the peer's is awaited.
    finishing,    ///< What is queued is written; input is discarded.
    half_closed,  ///< All is written and the write side shut; waiting for the peer's end.
    closed,
  };

  /// State that only some connections need, and only for a while.
  struct Backlog {
    std::vector<std::uint8_t>
        input;                ///< Read but not handled: reading is paused, or a slice was over.
    ws::FrameRef pong;        ///< To the most recent ping, until there is room for it.
    bool read_again = false;  ///< The stream has more that the poller may not report.
    std::optional<std::size_t> undelivered;  ///< Bytes the peer had not taken at `checked_at`.
    SteadyTime checked_at{};
  };

  /// A message, or frame, of which a part has come.
  struct Partial {
    ws::MessageAssembler messages;
    SteadyTime since;  ///< Without a whole message.
  };

  using Unfinished = std::variant<http::RequestParser, Partial>;

  http::RequestParser& parser() const { return std::get<http::RequestParser>(*unfinished_); }
  Partial* partial() const {
    return unfinished_ ? std::get_if<Partial>(unfinished_.get()) : nullptr;
  }

  bool still_over_backpressure_limit();
  Backlog& backlog();
  bool has_held_input() const { return backlog_ && !backlog_->input.empty(); }
  void schedule_flush() noexcept;
  std::size_t read();
  void check_admission();
  void note_establishing();
  void read_again_later();
  void note_late_input(std::size_t bytes);
  void read_head(std::span<std::uint8_t> input);
  void handle_request(std::span<const std::uint8_t> rest);
  void hand_over(std::span<const std::uint8_t> rest);
  void respond(const http::WireResponse& response);
  void open_websocket(const http::WireResponse& response);
  ws::Inflation inflation() const;
  std::size_t handle_frames(std::span<std::uint8_t> input);
  void handle_backlog();
  void handle(const ws::Incoming& incoming);
  void on_ping(std::span<const std::uint8_t> payload);
  void push_pong(ws::FrameRef pong);
  void fail(std::uint16_t code, std::string_view reason, Counter counter);
  void finish_websocket(std::uint16_t code, std::string_view reason);
  void on_peer_end();
  void on_end_while_paused(bool broken);
  void enter_read_only();
  void drain_input();
  void on_connection_lost(std::string_view words);
  void push(ws::FrameRef frame) {
    const QueueDepth more{.bytes = frame.size(), .frames = frame.messages()};
    queue_.push(std::move(frame), context_.spare_lists);
    if (more.bytes > 0) context_.gauges.on_queued(more);
  }
  void clear_queue() noexcept;
  std::optional<ClientId> traced_client() const {
    return attachment_ ? attachment_->client_id() : std::nullopt;
  }
  void set_backpressured(bool backpressured) noexcept;
  ConnectionState state() const;
  void note_state() noexcept;
  void write() {
    if (queue_.empty()) return;
    IoStatus status = IoStatus::ok;
    note_dequeued([&] {
      status = queue_.write(stream_, context_.scratch, context_.spare_lists, context_.deliveries);
    });
    if (status != IoStatus::ok) on_incomplete_write(status);
  }
  /// Counts what `dequeue` takes from the queue as sent.
  template <class Dequeue>
  void note_dequeued(const Dequeue& dequeue) {
    const QueueDepth before = queue_.depth();
    dequeue();
    if (context_.deliveries != nullptr && context_.deliveries->unnamed()) {
      context_.deliveries->name(traced_client());
    }
    const QueueDepth left = queue_.depth();
    context_.counters.add(Counter::bytes_sent, before.bytes - left.bytes);
    context_.gauges.on_dequeued({before.bytes - left.bytes, before.frames - left.frames});
  }
  void on_incomplete_write(IoStatus status);
  void after_flush();
  void on_queue_written();
  void start_closing(std::uint16_t code, std::string_view reason, Phase phase);
  void enter(Phase phase);
  void end(bool abort, std::string_view words) noexcept;
  void notify_closed(std::uint16_t code, std::string_view reason) noexcept;
  void update_interest();
  ws::MessageAssembler new_assembler() const;
  void keep_partial(ws::MessageAssembler& messages, bool completed);
  void restart_idle_timeout();
  void on_head_deadline();
  void on_open_deadline();
  void on_close_deadline();
  bool peer_makes_progress();
  SteadyTime next_deadline() const;
  void reschedule();
  bool between_requests() const { return kept_alive_ && !parser().begun(); }
  bool discards() const { return phase_ == Phase::finishing || phase_ == Phase::half_closed; }

  // What a fan-out touches stands together, on as few cache lines as possible.
  ConnectionContext& context_;
  Stream& stream_;
  OutQueue queue_;
  Phase phase_ = Phase::head;
  Interest interest_;
  bool refused_ : 1;
  bool established_ : 1;  ///< What the stream does first, such as a TLS handshake, is over.
  bool flush_scheduled_ : 1 = false;
  bool paused_ : 1 = false;
  bool peer_ended_ : 1 = false;  ///< It sends no more, but this side still writes.
  bool backpressured_ : 1 = false;
  bool broken_ : 1 = false;     ///< A write failed; handled at the next iteration.
  bool ended_ : 1 = false;      ///< The peer's end was seen; what came before is still handled.
  bool read_only_ : 1 = false;  ///< Nothing can be written any more; the host watches nothing.
  bool pinged_ : 1 = false;     ///< A ping was sent since the last byte came.
  bool notified_ : 1 = true;    ///< on_close was called, or is not due since on_open never was.
  bool given_up_ : 1 = false;   ///< It ends with the next flush.
  bool trusted_ : 1 = false;
  bool deaf_ : 1 = false;        ///< Nothing is read any more: too much came behind the end.
  bool compresses_ : 1 = false;  ///< What is sent from now on.
  bool encrypted_ : 1;           ///< As the stream says.
  ConnectionState counted_as_ = ConnectionState::count_;  ///< In the gauges; `count_`: not yet.
  std::uint8_t window_bits_ = 0;  ///< Of what is compressed; 0: permessage-deflate is not agreed.
  std::unique_ptr<Backlog> backlog_;

  std::uint32_t slot_;
  std::uint8_t queued_pongs_ = 0;  ///< Upper bound, counted since the queue was last seen empty.
  bool kept_alive_ = false;        ///< The stream has had a request before.
  std::uint16_t late_kib_ = 0;     ///< Read after the close frame or last response was queued.
  std::unique_ptr<Unfinished> unfinished_;  ///< A request during `head`; later a message, or null.
  std::unique_ptr<Attachment> attachment_;
  SteadyTime since_;  ///< The phase; while `open` the last byte, then the peer's end (`ended_`).
  SteadyTime application_deadline_;
};

}  // namespace wscast::net
