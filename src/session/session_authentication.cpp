#include <array>
#include <utility>

#include "protocol/json_scanner.h"
#include "protocol/system_messages.h"
#include "protocol/utf8.h"
#include "session/session.h"

// How a client becomes an authenticated one, and perhaps an encrypted one.
namespace wscast::session {
namespace {

constexpr int kAuthenticatingFactor = 3;  // protocol.md O2.

}  // namespace

void Session::take_authenticate(const protocol::Envelope& envelope) {
  if (phase() != ClientState::unauthorized) {
    context_.counters.add(Counter::already_authenticated);
    return send_error("Already authenticated", envelope.id);
  }
  state.store(ClientState::authenticating, std::memory_order_relaxed);
  transport_.set_deadline(context_.clock.now() +
                          kAuthenticatingFactor * context_.options.auth_timeout);
  const auto& data = envelope.data;
  std::string text(!data || *data == "null" ? "{}" : *data);
  const bool may_be_encrypted = wants_encryption(text);
  if (may_be_encrypted || envelope.id) handshake_ = std::make_unique<Handshake>();
  if (may_be_encrypted) handshake_->data = text;
  if (envelope.id) handshake_->message_id = *envelope.id;
  context_.delegate.authenticate(*this, std::move(text));
}

Session::MessageId Session::authenticate_id() const {
  return handshake_ && handshake_->message_id ? MessageId(*handshake_->message_id) : std::nullopt;
}

bool Session::wants_encryption(std::string_view data) const {
  if (context_.options.encryption != Encryption::optional) {
    return context_.options.encryption == Encryption::required;
  }
  constexpr std::array<std::string_view, 1> kNames = {"publicKey"};
  std::array<std::optional<protocol::JsonValue>, 1> values;
  return protocol::scan_object(data, kNames, values) == protocol::ObjectScan::object &&
         values[0].has_value();
}

void Session::on_authenticate_answer(AuthenticateAnswer answer) {
  if (ended_ || phase() != ClientState::authenticating || handshaking() || pending_subscription_)
    return;
  auto* who = std::get_if<Identity>(&answer);
  if (who != nullptr && !protocol::is_utf8(who->user_id)) {
    answer = count_as_throwing("authenticate");
    who = nullptr;
  }
  if (std::holds_alternative<Threw>(answer)) return end(kAuthenticationError);
  if (who == nullptr) return end(kAuthenticationFailed);
  if (handshake_ && handshake_->data) return start_handshake(std::move(*who));
  accept({.user_id = std::move(who->user_id), .metadata = std::move(who->metadata)});
}

/// protocol.md M17: the client stays `authenticating` meanwhile, and is reached by nothing.
void Session::start_handshake(Identity who) {
  handshake_->identity = std::move(who);
  if (context_.ecdh != nullptr) return agree_on_keys();
  if (!context_.delegate.handshake(*this, *handshake_->data)) end(kEncryptionRequired);
}

void Session::agree_on_keys() {
  auto agreed = context_.ecdh->agree(*handshake_->data);
  if (!agreed) return end(kHandshakeFailed);
  channel_ = std::make_unique<EncryptedChannel>(*context_.ecdh, *agreed);
  accept_encrypted({std::move(agreed->server_public_key), std::move(agreed->salt)});
}

void Session::on_handshake_answer(HandshakeAnswer answer) {
  if (ended_ || phase() != ClientState::authenticating || !handshaking() || pending_subscription_)
    return;
  auto* keys = std::get_if<HandshakeKeys>(&answer);
  if (keys != nullptr &&
      !(protocol::is_utf8(keys->server_public_key) && protocol::is_utf8(keys->salt))) {
    answer = count_as_throwing("handshake");
    keys = nullptr;
  }
  if (std::holds_alternative<Threw>(answer)) return end(kAuthenticationError);  // O5
  if (keys == nullptr) return end(kHandshakeFailed);
  accept_encrypted(std::move(*keys));
}

void Session::accept_encrypted(HandshakeKeys keys) {
  const Identity& who = *handshake_->identity;
  accept({.user_id = who.user_id,
          .metadata = who.metadata,
          .keys = std::make_unique<const HandshakeKeys>(std::move(keys))});
}

/// Subscribe first, act second: nothing that is published after `connected` is missed.
void Session::accept(hub::ClientIdentity who) {
  const std::string user_id = who.user_id;
  pending_subscription_ = std::make_unique<PendingSubscription>(
      PendingSubscription{.who = std::move(who), .rooms = {}});
  if (!context_.delegate.subscribe_client(*this, user_id)) on_subscribed();
}

/// protocol.md M17: one step, so nothing from rooms or broadcast precedes `connected`.
void Session::connect(hub::ClientIdentity who) {
  const auto handshake = std::exchange(handshake_, nullptr);
  if (who.keys) enable_encryption();
  state.store(ClientState::authenticated, std::memory_order_relaxed);
  transport_.set_deadline(SteadyTime::max());
  context_.counters.add(Counter::authentications);
  context_.hub.authenticate(*this, std::move(who));
  for (const auto& room : context_.options.default_rooms) context_.hub.join(*this, room);
  protocol::Connected told{.id = {}, .user_id = identity.user_id, .time = context_.clock.wall()};
  const std::string own = id.text();
  told.id = own;
  if (identity.keys) {
    told.server_public_key = identity.keys->server_public_key;
    told.salt = identity.keys->salt;
  }
  // The client cannot know the ready-made key before it has read this (protocol.md S5).
  const MessageId answered = handshake ? MessageId(handshake->message_id) : std::nullopt;
  const auto frame = ws::make_frame(ws::Opcode::text, protocol::connected_message(told, answered));
  const int sent = channel_ ? send_plain(frame) : send(frame);
  if (sent == 0) return end(kSlowConsumer);  // Whatever follows would come without it.
  hook_runs_ = context_.delegate.connected(*this);
}

}  // namespace wscast::session
