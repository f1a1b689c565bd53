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
#include "hub/hub.h"
#include "protocol/envelope.h"
#include "session/delegate.h"
#include "session/disconnect_reason.h"
#include "session/encrypted_channel.h"
#include "session/outbox.h"
#include "session/rate_limiter.h"
#include "session/room_request_answer.h"
#include "session/transport.h"

namespace wscast::session {

/// What the sessions of one shard share.
struct Context {
  const SessionOptions& options;
  const TransportOptions& transport;
  hub::Hub& hub;
  Delegate& delegate;
  Counters& counters;
  const Clock& clock;
  std::size_t shard = 0;
  ChannelContext* ecdh = nullptr;  ///< Null: encryption is the hooks' affair.
  bool told_unfit = false;         ///< That the transformer answered what is no message.
};

/// One client, from the open of its connection to its end: protocol.md sections 1, 2 and 4, without
/// I/O. Messages, answers of hooks and time come in; frames, hook requests and a close go out.
/// Shard thread only; `context` and `transport` must outlive it.
class Session final : public hub::Member {
 public:
  /// The client is addressable by its id at once, and its time to authenticate begins.
  Session(Context& context, const ClientId& client, Transport& transport);
  ~Session() override;

  /// A whole WebSocket message. Binary ones are read as text (M12).
  void on_message(bool binary, std::string_view text);

  /// A ping or pong counts as a message (protocol.md O10, O11), but is no sign of life (M13).
  /// Returns false if it is to be dropped: a ping has no pong then.
  bool on_control_frame(std::size_t payload_bytes);

  void on_authenticate_answer(AuthenticateAnswer answer);
  void on_handshake_answer(HandshakeAnswer answer);

  /// The rooms to join, asked for or not (M7); nothing: the hook threw.
  void on_rooms_answer(const std::optional<std::vector<std::string>>& rooms);

  /// What other servers send to the client, or to the rooms it is joining, is heard from now on.
  /// `refused_rooms`, whose channels the broker refused, are not joined; a client that is being
  /// connected is in its own and the default rooms all the same, reachable on this server.
  void on_subscribed(std::span<const std::string> refused_rooms = {});

  /// The connected, rooms or message hook is being run.
  void on_hook_started();

  /// The message or connected hook has returned.
  void on_hook_done();

  /// Encrypts and sends what waits in the outbox. False: that is for the outbound transformer.
  bool seal_outbox();

  /// What to send instead of the front of the outbox.
  void on_transform_answer(const TransformAnswer& answer);

  void on_deadline();

  /// The kernel refused bytes; it has taken all of them.
  void on_backpressure() { backpressured.store(true, std::memory_order_relaxed); }
  void on_drain();

  /// Ends the client if it was silent for too long; call it each heartbeat interval.
  void check_heartbeat();

  /// The connection is over.
  void on_close();

  /// The connection is over, but messages that came before are still to be handled: Delegate::left
  /// is called when that is done.
  void leave_when_idle() { leaving_ = true; }

  /// Tells the client why and closes it. The session is in nothing any more when this returns.
  void end(const DisconnectReason& ending);

  /// The same with the application's words.
  void close(std::uint16_t code, std::string_view reason);

  /// Every message from here on goes through the outbound transformer (E1, E5).
  void enable_encryption() { encrypted.store(true, std::memory_order_relaxed); }

  /// While it is held, nothing is read from the client.
  void hold();
  void release();

  /// Whether a message that came is still to be given to its hook.
  bool busy() const { return !ended_ && (waiting_ || (hook_runs_ && !hook_started_)); }

  bool ended() const { return ended_; }
  const std::string& user_id() const { return identity.user_id; }
  Transport& transport() { return transport_; }
  const Transport& transport() const { return transport_; }

  int deliver(const ws::FrameRef& frame, hub::Address address) override;

  /// Sends past the protocol, as it is. Refused for an encrypted client.
  int send_raw(const ws::FrameRef& frame);

  /// Whom the authenticate hook accepted, while the handshake hook has not answered.
  const std::string& user_in_handshake() const { return handshake_->identity->user_id; }

  /// Of an encrypted client: the message to be transformed.
  std::string_view front_of_outbox() const;

 private:
  struct Waiting;

  /// Of the message that is answered: a JSON text. Nothing: it has none.
  using MessageId = std::optional<std::string_view>;

  /// Of a client from its `authenticate` until it is connected.
  struct Handshake {
    std::optional<std::string> data;        ///< Of that message, if the client may be encrypted.
    std::optional<std::string> message_id;  ///< Of that message.
    std::optional<Identity> identity;
  };

  /// What follows when other servers are heard: the client is connected, or is in these rooms.
  struct PendingSubscription {
    std::optional<hub::ClientIdentity> who;
    std::vector<std::string> rooms;
  };

  /// Of a session that has ended, until what waits in its outbox is sent.
  struct Draining {
    ws::CloseCode code;
    std::string reason;
  };

  bool authenticated() const { return phase() == ClientState::authenticated; }
  ClientState phase() const { return state.load(std::memory_order_relaxed); }
  bool handshaking() const { return handshake_ && handshake_->identity; }

  void take(bool binary, std::string_view text);
  void take_envelope(protocol::Envelope& envelope);
  void take_authenticate(const protocol::Envelope& envelope);
  void take_join(const protocol::Envelope& envelope);
  void take_leave(const protocol::Envelope& envelope);
  void take_encrypted(const protocol::Envelope& envelope);
  void take_other(protocol::Envelope& envelope);
  void drop(RateLimiter::Verdict verdict, bool binary, std::string_view text);
  std::optional<std::string> id_to_answer(const protocol::Envelope& envelope) const;
  protocol::ParsedEnvelope parse(std::string_view text, bool check_utf8) const;
  void begin_rooms_answer(MessageId message, const protocol::RoomsRequest& request,
                          RoomOutcome assumed);
  void send_rooms_answer();
  void end_rooms_request();
  void refuse_rooms();
  MessageId authenticate_id() const;
  Threw count_as_throwing(std::string_view hook);
  void count_unfit();
  bool count_before_auth(std::size_t bytes);
  bool passes(RateLimiter::Verdict verdict, MessageId message = std::nullopt);
  bool wants_encryption(std::string_view data) const;
  void start_handshake(Identity who);
  void agree_on_keys();
  void accept_encrypted(HandshakeKeys keys);
  void accept(hub::ClientIdentity who);
  void connect(hub::ClientIdentity who);
  std::vector<std::string> fit_rooms(std::vector<std::string> rooms);
  void join(const std::vector<std::string>& rooms, std::span<const std::string> refused);
  RoomOutcome try_join(std::string_view room, bool limit_met);
  void wait(bool binary, std::string_view text);
  void take_waiting();
  void leave_if_idle();
  void update_reading();
  int send(const ws::FrameRef& frame);
  int send_plain(const ws::FrameRef& frame);
  void send_accepted(const ws::FrameRef& frame);
  int seal(const ws::FrameRef& frame);
  void ask_to_seal();
  void sealed_some();
  int note(int result);
  void update_full();
  bool outbox_full() const;
  void send_error(std::string_view message, MessageId answered = std::nullopt);
  void on_draining(const DisconnectReason& ending);
  void close_at_last();
  void cancel_draining();
  void leave_everything();

  // First, since there they take no memory: the base class ends with room for them.
  bool ended_ = false;
  bool hook_runs_ = false;  ///< Connected, rooms or message: later messages wait (M14).
  bool held_ = false;
  bool reading_paused_ = false;
  bool hook_started_ = false;
  bool leaving_ = false;  ///< Its connection is over.
  Context& context_;
  Transport& transport_;
  std::unique_ptr<Waiting> waiting_;                 ///< While a hook runs and messages have come.
  std::unique_ptr<Handshake> handshake_;             ///< During authentication, if needed.
  std::unique_ptr<RoomRequestAnswer> rooms_answer_;  ///< Of an open `join` with an id.
  std::unique_ptr<PendingSubscription>
      pending_subscription_;                   ///< While other servers are not heard yet.
  std::unique_ptr<Outbox> outbox_;             ///< Of an encrypted client.
  std::unique_ptr<EncryptedChannel> channel_;  ///< Of a client of the ready-made encryption.
  std::unique_ptr<Draining> draining_;
  std::unique_ptr<RateLimiter> rates_;  ///< If there are rates.
  std::uint32_t messages_before_auth_ = 0;
  std::uint32_t bytes_before_auth_ = 0;
};

}  // namespace wscast::session
