#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "session/context.h"
#include "session/disconnect_reason.h"
#include "session/hook_results.h"
#include "session/outbound_encryption.h"
#include "session/transport.h"
#include "ws/frame.h"

namespace wscast::session {

class Session;

/// Sends the messages of one session, in the clear or through its OutboundEncryption; counts and
/// reports what is dropped, and closes behind what was accepted. Shard thread only; part of its
/// session; `transport` must outlive it.
class Outbound {
 public:
  Outbound(Transport& transport, Session& session) : transport_(transport), session_(session) {}

  /// Returns > 0 if accepted, 0 if dropped, -1 if accepted behind bytes that wait (protocol.md
  /// T12). Several messages in one frame only where takes_joined().
  int send(const ws::FrameRef& frame);

  /// Whether several messages may come in one frame: each is encrypted by itself.
  bool takes_joined() const;

  /// The same in the clear, even to an encrypted client.
  int send_plain(const ws::FrameRef& frame);

  /// Why a message was dropped just now, for people.
  std::string_view why_dropped() const;

  /// Sends an `error`. `id`: of the message at fault, a JSON text.
  void send_error(std::string_view message, std::optional<std::string_view> id = std::nullopt);

  /// Sends a message of the server itself that has no id (protocol.md H4).
  void say(std::string message);

  /// Whether the next message would be dropped.
  bool full() const;

  /// Whether messages wait for the kernel, or to be encrypted.
  bool busy() const;

  /// The client lost messages on the way to its shard, which were counted there; or, with on_gap(),
  /// nobody knows which. It is told once nothing waits, or before the next message (protocol.md X2,
  /// X3).
  void on_hole();
  void on_gap();

  /// The same as on_gap(), but it is notified with the next message, or when all was taken.
  void note_gap() noexcept;

  /// Encrypts every message from here on (protocol.md E1, E5).
  void enable_encryption();

  /// Encrypts with the ready-made encryption, from enable_encryption() on.
  void use(std::unique_ptr<EncryptedChannel> channel) { encryption_.use(std::move(channel)); }

  /// Null: the client is not encrypted, or by the outbound transformer.
  EncryptedChannel* channel() const { return encryption_.channel(); }

  /// Encrypts and sends what waits. Returns false if that is for the outbound transformer.
  bool seal_waiting();

  /// The message that waits for the outbound transformer.
  std::string_view front() const { return encryption_.front(); }

  /// Sends what the outbound transformer made of front(). No-op if none was requested.
  void on_transform_result(const TransformResult& result);

  /// The kernel refused bytes; it has taken all of them.
  void on_backpressure();
  void on_drain();

  /// Closes the connection; what waits to be encrypted was accepted and goes first, for at most
  /// three seconds, unless the client takes nothing.
  void close(const DisconnectReason& reason);

  /// Whether close() waits for messages; finish_draining() drops them and closes.
  bool draining() const { return encryption_.draining(); }
  void finish_draining();

  /// The connection is over: drops what waits.
  void discard() noexcept;

  Transport& transport() { return transport_; }
  const Transport& transport() const { return transport_; }

 private:
  void send_accepted(const ws::FrameRef& frame);
  int transmit(const ws::FrameRef& frame);
  int enqueue(const ws::FrameRef& frame);
  int on_dropped(std::uint32_t messages = 1);
  void count_drop(std::uint32_t messages = 1);
  void lose_front();
  bool report_hole();
  bool push_notice(const ws::FrameRef& notice);
  ws::FrameRef own_frame(std::string message) const;
  void on_nothing_waits();
  void update_full();
  void request_encryption();
  void on_encrypted();

  Context& context() const;

  Transport& transport_;
  Session& session_;  ///< Which has the context.
  OutboundEncryption encryption_;
};

}  // namespace wscast::session
