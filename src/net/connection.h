#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/options.h"

#include "base/clock.h"
#include "base/counters.h"
#include "http/request_parser.h"
#include "net/application.h"
#include "net/out_queue.h"
#include "net/poller.h"
#include "net/stream.h"
#include "ws/message_assembler.h"

namespace wscast::net {

/// What a connection needs of the shard it lives on.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;

  /// The time of this iteration.
  virtual SteadyTime now() const = 0;

  /// Run Connection::flush before this iteration ends, or soon. Called once until that is done.
  virtual void schedule_flush(Connection& connection) = 0;

  virtual void set_interest(Connection& connection, Interest interest) = 0;

  /// No Connection::on_ready comes any more: the connection drives itself, by turns.
  virtual void stop_watching(Connection& connection) = 0;

  /// The iteration has taken its share of time: leave the rest to the next one.
  virtual bool slice_over() const = 0;

  /// Run Connection::on_deadline at `when`; replaces the time set before.
  virtual void set_deadline(Connection& connection, SteadyTime when) = 0;

  /// The connection is over: destroy it when this iteration ends.
  virtual void gone(Connection& connection) = 0;
};

/// What the connections of one shard share.
struct ConnectionContext {
  const TransportOptions& options;
  Application& application;
  ConnectionHost& host;
  Counters& counters;
  std::span<std::uint8_t> receive_buffer;  ///< Holds one read, only during that read.
  std::span<std::uint8_t> scratch;         ///< Holds small frames side by side, during one write.
};

/// What an application hangs on a connection.
class Attachment {
 public:
  virtual ~Attachment() = default;
};

/// One client's connection: an HTTP request first, then a WebSocket. It turns readiness, time and
/// the application's wishes into bytes, without knowing of sockets or threads. Frames are queued by
/// send() and written by flush(), once per loop iteration. Shard thread only; lives until
/// ConnectionHost destroys it, and its stream lives longer.
class Connection {
 public:
  /// `refused`: the server is full; the request is answered 503.
  Connection(ConnectionContext& context, Stream& stream, std::uint32_t slot, bool refused);
  ~Connection();

  // For the application.

  /// Queues `frame`. protocol.md T12: > 0 accepted (bytes of the payload), 0 dropped, -1 accepted
  /// behind bytes that the kernel already refused.
  int send(const ws::FrameRef& frame);

  /// So much waits that the next message would be dropped (protocol.md T5).
  bool over_backpressure_limit();

  /// Sends a close frame and waits for the peer's; nothing is sent after it.
  void close(std::uint16_t code, std::string_view reason);

  /// While reading is paused, neither messages come nor the idle clock runs.
  void pause_reading();
  void resume_reading();

  /// When the application wants its on_deadline; Deadlines::kNever for not at all.
  void set_deadline(SteadyTime when);

  bool open() const { return phase_ == Phase::open && !output_lost_; }
  bool backpressured() const { return backpressured_; }
  std::size_t unsent() const { return queue_.unsent(); }
  std::string remote_address() const { return stream_.remote_address(); }

  void attach(std::unique_ptr<Attachment> attachment) { attachment_ = std::move(attachment); }
  Attachment* attachment() const { return attachment_.get(); }

  /// Takes the attachment away, for one that outlives its connection. Only in on_close.
  std::unique_ptr<Attachment> detach() { return std::move(attachment_); }

  // For the host.

  /// Returns whether it was much work.
  bool on_ready(const Ready& ready);

  /// Inline with all that is usual: a fan-out does little else between its system calls, and each
  /// call under way is a measurable part of that (bench/compare_with_floor).
  void flush() {
    flush_scheduled_ = false;
    if (backlog_ && phase_ != Phase::gone) take_backlog();
    if (phase_ == Phase::gone) return;
    if (!broken_) write();
    if (broken_ || backpressured_ || phase_ != Phase::open) after_flush();
  }

  /// Has the processor fetch what an iteration touches.
  void prefetch() const {
    __builtin_prefetch(this);
    __builtin_prefetch(&phase_);
  }

  bool flush_scheduled() const { return flush_scheduled_; }
  void on_deadline();
  std::uint32_t slot() const { return slot_; }

  /// Still an HTTP request.
  bool requesting() const { return phase_ == Phase::head; }

  /// Ends the connection without a word.
  void drop();

 private:
  enum class Phase : std::uint8_t {
    head,         ///< Reading the request.
    open,         ///< A WebSocket.
    closing,      ///< Our close frame is out, the peer's is awaited.
    finishing,    ///< What is queued is written; input is thrown away.
    half_closed,  ///< All is written and the write side shut; waiting for the peer's end.
    gone,
  };

  /// What only some connections need, and only for a while.
  struct Backlog {
    std::vector<std::uint8_t>
        input;          ///< Read, not handled: reading is paused, or a slice was over.
    ws::FrameRef pong;  ///< To the most recent ping, until there is room for it.
    std::optional<std::size_t> undelivered;  ///< What the peer had not taken when last looked.
    SteadyTime looked{};                     ///< When that was.
  };

  Backlog& backlog();
  bool has_held_input() const { return backlog_ && !backlog_->input.empty(); }
  void schedule_flush();
  std::size_t read();
  void take_head(std::span<std::uint8_t> input);
  void handle_request();
  void respond(const http::WireResponse& response);
  void open_websocket(std::string_view response);
  void take_frames(std::span<std::uint8_t> input);
  void take_backlog();
  void take(const ws::Incoming& incoming);
  void on_ping(std::span<const std::uint8_t> payload);
  void push_pong(ws::FrameRef pong);
  void take_close(std::uint16_t code, std::string_view reason);
  void fail(std::uint16_t code, std::string_view reason, Counter counter);
  void take_end();
  void note_end_while_paused(bool broken);
  void lose_output();
  void read_the_rest();
  void lost();
  void write() {
    if (queue_.empty()) return;
    const IoStatus status = queue_.write(stream_, context_.scratch);
    if (status != IoStatus::ok) stopped_writing(status);
  }
  void stopped_writing(IoStatus status);
  void after_flush();
  void written();
  void start_closing(std::uint16_t code, std::string_view reason, Phase phase);
  void enter(Phase phase);
  void end(bool abort);
  void notify_closed(std::uint16_t code, std::string_view reason);
  void update_interest();
  void note_progress(bool was_incomplete, bool completed);
  void on_open_deadline();
  void on_close_deadline();
  bool peer_takes_bytes();
  SteadyTime next_deadline() const;
  void reschedule();
  bool discards() const { return phase_ == Phase::finishing || phase_ == Phase::half_closed; }

  // What a fan-out touches stands together, on as few cache lines as it can.
  ConnectionContext& context_;
  Stream& stream_;
  OutQueue queue_;
  Phase phase_ = Phase::head;
  Interest interest_;
  bool refused_ : 1;
  bool flush_scheduled_ : 1 = false;
  bool paused_ : 1 = false;
  bool peer_ended_ : 1 = false;  ///< It will send no more, but we are still writing.
  bool backpressured_ : 1 = false;
  bool broken_ : 1 = false;       ///< A write failed; handled at the next iteration.
  bool ended_ : 1 = false;        ///< The peer's end was seen; what came before is still handled.
  bool output_lost_ : 1 = false;  ///< Nothing can be written any more, and nothing is watched.
  bool pinged_ : 1 = false;       ///< Since the last byte came.
  bool notified_ : 1 = true;      ///< on_close is done, or not due because on_open never was.
  std::unique_ptr<Backlog> backlog_;

  std::uint32_t slot_;
  std::uint8_t queued_pongs_ = 0;  ///< At most so many, since the queue was last seen empty.
  std::unique_ptr<http::RequestParser> parser_;  ///< During `head`.
  std::unique_ptr<Attachment> attachment_;
  ws::MessageAssembler messages_;
  SteadyTime phase_since_;
  SteadyTime last_received_;
  SteadyTime incomplete_since_{};
  SteadyTime application_deadline_;
};

}  // namespace wscast::net
