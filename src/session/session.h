#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hub/member.h"
#include "protocol/envelope.h"
#include "session/authenticator.h"
#include "session/close_cause.h"
#include "session/context.h"
#include "session/disconnect_reason.h"
#include "session/history_reader.h"
#include "session/hook_results.h"
#include "session/identity_expiry.h"
#include "session/inbound_queue.h"
#include "session/outbound.h"
#include "session/rate_limiter.h"
#include "session/rooms_operation.h"
#include "session/transport.h"

namespace wscast::session {

/// One client, from the open of its connection to its end (protocol.md sections 1, 2 and 4),
/// without I/O. Messages, results of hooks and time come in; frames, hook requests and a close go
/// out. Gives each to the part that handles it, and carries out what the part returns. Shard thread
/// only; `context` and `transport` must outlive it.
///
/// A call that throws, for want of memory, leaves a session that can only be ended: the caller has
/// its connection dropped, or calls give_up(). To end one needs no memory.
class Session final : public hub::Member {
 public:
  /// Adds the client to the hub, addressable by its id, and starts its time to authenticate.
  /// `to`: Member::sink.
  Session(Context& context, const ClientId& client, Transport& transport, void* to = nullptr);
  ~Session() override;

  /// Handles a whole WebSocket message. Binary ones are read as text (M12).
  void on_message(bool binary, std::string_view text);

  /// Counts a ping or pong as a message (protocol.md O10, O11), but not as activity (M13). Returns
  /// false if it is to be dropped: a ping has no pong then.
  bool on_control_frame(std::size_t payload_bytes);

  /// Of the first authentication, or of a renewal (protocol.md X4).
  void on_authenticate_result(AuthenticateResult result);
  void on_handshake_result(HandshakeResult result);

  /// Joins `rooms`, requested or not (M7); `std::nullopt`: the hook threw.
  void on_rooms_result(std::optional<std::vector<std::string>> rooms);

  /// The channels of the client, or of the rooms that it is joining, are subscribed.
  /// The broker refused the channels of `refused_rooms`: they are not joined; a client that is
  /// being connected is in its own and the default rooms all the same, reachable on this server.
  void on_subscribed(std::span<const std::string> refused_rooms = {});

  /// The connected, rooms or message hook starts, or the authenticate hook for a renewal.
  void on_hook_started();

  /// The message or connected hook is done.
  void on_hook_done();

  /// The time set by Transport::set_deadline has come.
  void on_deadline();

  /// Context::options were `before`: the rates of this client follow.
  void on_options_changed(const SessionOptions& before) {
    rates_.change_rates(rates_of(before), rates(), context_.clock.now());
  }

  /// Ends the client if it was silent for too long, and frees what an idle one does not need. Call
  /// it once per heartbeat interval.
  void check_heartbeat();

  /// The connection is over.
  void on_close(const CloseCause& cause = {}) noexcept;

  /// Has the connection ended, not inside the call, since the client cannot be served. What waits
  /// for hooks is dropped.
  void give_up() noexcept;

  /// The connection is over, but messages that came before are still to be handled: calls
  /// Delegate::on_idle when that is done.
  void leave_when_idle() { inbound_.leave_when_idle(); }

  /// Sends the client the reason and closes it. The session is out of the hub when this returns.
  void end(const DisconnectReason& reason);

  /// The same with a code and reason of the application.
  void close(std::uint16_t code, std::string_view reason);

  /// Stops reading from the client until release().
  void hold();
  void release();

  /// Whether a message that came is still to be given to its hook.
  bool busy() const { return !ended_ && inbound_.busy(); }

  bool ended() const { return ended_; }
  bool authenticated() const { return phase() == ClientState::authenticated; }

  /// Of `total` lost messages, those that the client has not been told of.
  std::uint32_t untold(std::uint32_t total) const { return total - drops_told; }
  void set_told(std::uint32_t total) { drops_told = total; }

  std::string_view user_id() const { return identity.user_id.view(); }

  /// The user whom the authenticate hook accepted. Only while the handshake hook is requested.
  std::string_view user_in_handshake() const { return authenticator_.user_id(); }

  int deliver(const ws::FrameRef& frame, hub::Address address) noexcept override;
  int deliver_positioned(hub::HistoryFrames& frames) noexcept override;

  /// The answer to Delegate::read_history. A late one is a no-op.
  void on_history(HistoryAnswer answer);

  /// Whether the client is connected once it has the answer; until then `channels` are needed, and
  /// are to be taken back afterwards, or when it has ended.
  bool pin(const std::vector<std::string>& channels);
  std::vector<std::string> take_pinned() noexcept;

  /// Messages of a room that the client is in were lost (protocol.md H6).
  void on_history_gap(const protocol::Gap& gap);

  /// Asks for what a client that read too slowly has missed, once it can take it (H7).
  void request_replays();
  bool replay_due() const;

  /// Whether the client asked for positions, and gets them (protocol.md H4).
  bool gets_positions() const;
  std::string remote_address() const override { return transport().public_address(); }

  /// Sends a frame past the protocol, as it is. Refused for an encrypted client.
  int send_raw(const ws::FrameRef& frame) noexcept;

  Outbound& outbound() { return outbound_; }
  const Outbound& outbound() const { return outbound_; }
  Transport& transport() { return outbound_.transport(); }
  const Transport& transport() const { return outbound_.transport(); }

 private:
  friend class Outbound;  // A part of it.

  ClientState phase() const { return state.load(std::memory_order_relaxed); }

  void handle(bool binary, std::string_view text);
  void handle_envelope(protocol::Envelope& envelope);
  void handle_authenticate(const protocol::Envelope& envelope);
  void handle_encrypted(const protocol::Envelope& envelope);
  void handle_join(const protocol::Envelope& envelope);
  void handle_leave(const protocol::Envelope& envelope);
  void handle_event(protocol::Envelope& envelope);
  void advance(const AuthenticationStep& step, std::string_view hook);
  void agree_on_keys();
  void connect(const HistoryAnswer* positions = nullptr);
  void watch_expiry(SteadyTime expires);
  void begin_renewal(const protocol::Envelope& envelope);
  void finish_renewal(RenewalStep step);
  void on_expiry();
  ws::FrameRef connected_frame(std::optional<std::string_view> message_id,
                               std::string_view positions = "{}") const;
  void end(const DisconnectReason& reason, std::optional<std::string_view> message_id);
  void report_too_many_rooms();
  void finish_rooms();
  HistoryReader& need_history();
  const HistoryRule* history_of(std::string_view room) const;
  void read_extensions(const protocol::Envelope& envelope);
  bool request_default_positions();
  bool request_for_join();
  void begin_first_join();
  protocol::Recovery hold_recovered(const protocol::Envelope& join);
  std::vector<std::string> rooms_to_position() const;
  void wait_for_positions(const std::vector<std::string>& rooms);
  bool finish_join();
  std::string positions_of(const HistoryAnswer& answer) const;
  void resume(const HistoryAnswer& answer, bool reported);
  int deliver_or_wait(hub::HistoryFrames& frames);
  void wait_behind(Position seen, const std::string& room);
  void tell_gap(const protocol::Gap& gap);
  std::size_t transport_limit() const;
  Rates rates() const { return rates_of(context_.options); }
  void enqueue(bool binary, std::string_view text);
  int deliver_each(const ws::FrameRef& frame, hub::Address address) noexcept;
  int not_delivered(const ws::FrameRef& frame, std::string_view why) noexcept;
  bool passes(RateLimiter::Verdict verdict, std::optional<std::string_view> message_id = {});
  void drop(RateLimiter::Verdict verdict, bool binary, std::string_view text);
  void update_reading();
  void leave_if_idle();
  void leave_everything(const CloseCause& cause) noexcept;

  bool ended_ = false;  // First: it takes no memory, since the base class ends with room for it.
  Context& context_;
  Outbound outbound_;
  Authenticator authenticator_;
  InboundQueue inbound_;
  RoomsOperation rooms_;
  RateLimiter rates_;
  std::unique_ptr<IdentityExpiry> expiry_;  ///< Of a connected client whose identity expires.
  std::unique_ptr<HistoryReader> history_;  ///< If the client asked, or waits for messages.
};

// Inline, for the way of each message; here, since they need the whole Session.

inline Context& Outbound::context() const {
  return session_.context_;
}

inline int Outbound::send(const ws::FrameRef& frame) {
  return session_.encrypted.load(std::memory_order_relaxed) ? enqueue(frame) : send_plain(frame);
}

inline int Outbound::send_plain(const ws::FrameRef& frame) {
  if (session_.has_hole.load(std::memory_order_relaxed) && !report_hole()) {
    return on_dropped(frame.messages());
  }
  return transmit(frame);
}

inline int Outbound::transmit(const ws::FrameRef& frame) {
  const int result = transport_.send(frame);
  return result != 0 ? result : on_dropped(frame.messages());
}

inline void Outbound::on_backpressure() {
  session_.backpressured.store(true, std::memory_order_relaxed);
}

inline void Outbound::enable_encryption() {
  session_.encrypted.store(true, std::memory_order_relaxed);
}

}  // namespace wscast::session
