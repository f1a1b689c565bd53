#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/client_id.h"
#include "session/disconnect_reason.h"
#include "session/encrypted_channel.h"
#include "session/hook_results.h"
#include "session/outbox.h"
#include "ws/frame.h"

namespace wscast::session {

/// How a session is closed once all that was accepted before has been sent.
struct PendingClose {
  ws::CloseCode code;
  std::string reason;
};

/// Messages of one client that wait to be encrypted, in order (protocol.md E6), by the ready-made
/// encryption or the outbound transformer; and the close that waits behind them. State in, action
/// out, no I/O. Shard thread only.
class OutboundEncryption {
 public:
  /// Encrypts with `channel` from here on, instead of the transformer.
  void use(std::unique_ptr<EncryptedChannel> channel) { channel_ = std::move(channel); }

  /// Null: the outbound transformer encrypts.
  EncryptedChannel* channel() const { return channel_.get(); }

  std::size_t size() const { return waiting_ ? waiting_->outbox.size() : 0; }
  bool empty() const { return size() == 0; }

  /// Whether more than `limit` bytes wait: a further message is dropped (protocol.md E1).
  bool full(std::size_t limit) const { return waiting_ && waiting_->outbox.bytes() > limit; }

  /// Appends a message. Returns false, and drops it, if full.
  bool push(const ws::FrameRef& frame, std::size_t limit);

  /// Returns whether to request the encryption of the front: once per front.
  bool request();

  /// Whether the encryption of the front is requested. Without, a result comes too late.
  bool requested() const { return waiting_ && waiting_->outbox.front_requested; }

  /// The text of the message to be encrypted next. Only if not empty, as the following three.
  std::string_view front() const;

  /// The front message cannot be encrypted, or none of those that wait will be: notifies their
  /// traces.
  void note_front_lost(const ClientId& client) const noexcept;
  void note_all_lost(const ClientId& client) const noexcept;

  /// Returns the front, encrypted by the channel. Empty if OpenSSL fails.
  ws::FrameRef seal_front();

  /// Returns what the transformer made of the front. Empty if it threw, or if its result is no
  /// message that a client can read (protocol.md E3, E4).
  ws::FrameRef transform_front(const TransformResult& result) const;

  void pop_front() { waiting_->outbox.pop(); }

  /// The request is done: the next front may be requested.
  void end_request() {
    if (waiting_) waiting_->outbox.front_requested = false;
  }

  /// Keeps a close until all that waits has been sent. Only if not empty.
  void drain(ws::CloseCode code, std::string_view reason);
  bool draining() const { return waiting_ && waiting_->close; }

  /// Drops what waits. Returns the close. Only while draining.
  PendingClose finish_draining();

  /// Drops what waits, and the close.
  void clear() { waiting_.reset(); }

 private:
  struct Waiting {
    Outbox outbox;
    std::unique_ptr<PendingClose> close;
  };

  std::unique_ptr<EncryptedChannel> channel_;
  std::unique_ptr<Waiting> waiting_;  ///< From the first message on.
};

}  // namespace wscast::session
