#include <utility>

#include "protocol/system_messages.h"
#include "session/session.h"

// A session's way to `connected`, and the renewal of its identity.
namespace wscast::session {

void Session::handle_authenticate(const protocol::Envelope& envelope) {
  if (expiry_) return begin_renewal(envelope);
  if (phase() != ClientState::unauthorized) {
    context_.counters.add(Counter::already_authenticated);
    return outbound_.send_error("Already authenticated", envelope.id);
  }
  state.store(ClientState::authenticating, std::memory_order_relaxed);
  const SessionOptions& options = context_.options;
  std::string data = authenticator_.begin(envelope, options.encryption);
  read_extensions(envelope);
  transport().set_deadline(authenticator_.deadline(context_.clock.now(), options.auth_timeout));
  context_.delegate.authenticate(*this, std::move(data));
}

void Session::on_authenticate_result(AuthenticateResult result) {
  if (ended_) return;
  const SteadyTime now = context_.clock.now();
  if (!expiry_) {
    return advance(authenticator_.on_authenticate_result(std::move(result), now), "authenticate");
  }
  if (!expiry_->renewing()) return;
  finish_renewal(expiry_->on_authenticate_result(std::move(result), user_id(), now));
}

void Session::on_handshake_result(HandshakeResult result) {
  if (!ended_) advance(authenticator_.on_handshake_result(std::move(result)), "handshake");
}

void Session::advance(const AuthenticationStep& step, std::string_view hook) {
  if (step.invalid_result) context_.report_invalid_result(hook);
  switch (step.action) {
    case AuthenticationStep::Action::none:
      return;
    case AuthenticationStep::Action::handshake:
      return agree_on_keys();
    case AuthenticationStep::Action::subscribe:
      // Subscribe first, act second: nothing that is published after `connected` is missed.
      if (!context_.delegate.subscribe_client(*this, authenticator_.user_id())) on_subscribed();
      return;
    case AuthenticationStep::Action::reject:
      if (step.reason == &kAuthenticationFailed) context_.delegate.authentication_rejected(*this);
      return end(*step.reason);
  }
}

/// protocol.md M17: the client stays `authenticating` meanwhile, and nothing reaches it.
void Session::agree_on_keys() {
  const std::string& data = authenticator_.handshake_data();
  if (context_.ecdh == nullptr) {
    if (!context_.delegate.handshake(*this, data)) end(kEncryptionRequired);
    return;
  }
  auto agreed = context_.ecdh->agree(data);
  if (!agreed) return on_handshake_result(Refused{});
  outbound_.use(std::make_unique<EncryptedChannel>(*context_.ecdh, *agreed));
  on_handshake_result(HandshakeKeys{std::move(agreed->server_public_key), std::move(agreed->salt)});
}

void Session::on_subscribed(std::span<const std::string> refused_rooms) {
  if (ended_) return;
  if (authenticator_.subscribing()) {
    if (!request_default_positions()) connect();
    return;
  }
  if (!rooms_.subscribing()) return;
  context_.counters.add(Counter::rooms_dropped, refused_rooms.size());
  const auto to_position = rooms_to_position();
  if (!rooms_.join(context_.hub, *this, context_.options.max_rooms_per_client, refused_rooms)) {
    report_too_many_rooms();
  }
  wait_for_positions(to_position);
  if (finish_join()) on_hook_done();
}

/// protocol.md M17: one step, so nothing from rooms or broadcast precedes `connected`.
void Session::connect(const HistoryAnswer* positions) {
  auto accepted = authenticator_.finish();
  has_hole = false;  // What was lost before is not told.
  set_told(lost.load());
  // The error of a client that is not let in goes in the clear: it knows no key yet.
  switch (context_.hub.authenticate(*this, std::move(accepted.identity))) {
    case hub::IdentifyResult::too_many_clients:
      return end(kTooManyConnections, accepted.message_id);
    case hub::IdentifyResult::revoked:
      return end(kUserRevoked, accepted.message_id);
    case hub::IdentifyResult::identified:
      break;
  }
  if (identity.keys) outbound_.enable_encryption();
  watch_expiry(accepted.expires);
  for (const auto& room : context_.options.default_rooms) context_.hub.join(*this, room);
  const auto frame = positions == nullptr
                         ? connected_frame(accepted.message_id)
                         : connected_frame(accepted.message_id, positions_of(*positions));
  // The client cannot know the ready-made key before it has read this (protocol.md S5).
  context_.counters.add(Counter::authentications);
  const bool plain = outbound_.channel() != nullptr;
  const int sent = plain ? outbound_.send_plain(frame) : outbound_.send(frame);
  if (sent == 0) return end(kSlowConsumer);  // Whatever follows would come without it.
  transport().trust(!identity.keys);         // Ciphertext does not become smaller.
  if (positions != nullptr) resume(*positions, true);
  if (context_.delegate.connected(*this)) inbound_.on_hook_requested();
  if (history_ && history_->join) begin_first_join();
}

ws::FrameRef Session::connected_frame(std::optional<std::string_view> message_id,
                                      std::string_view positions) const {
  const std::string own = id.text();
  protocol::Connected content{.id = own, .user_id = user_id(), .time = context_.clock.wall()};
  if (identity.keys) {
    content.server_public_key = identity.keys->server_public_key;
    content.salt = identity.keys->salt;
  }
  if (gets_positions()) content.positions = positions;
  return ws::make_frame(ws::Opcode::text, protocol::connected_message(content, message_id));
}

// An identity that expires (protocol.md X4).

/// Without one that expires a session keeps nothing.
void Session::watch_expiry(SteadyTime expires) {
  expiry_.reset();
  if (expires != SteadyTime::max()) expiry_ = std::make_unique<IdentityExpiry>(expires);
  transport().set_deadline(expires);
}

/// The client stays connected meanwhile; its later messages wait.
void Session::begin_renewal(const protocol::Envelope& envelope) {
  const SteadyTime deadline =
      Authenticator::hook_deadline(context_.clock.now(), context_.options.auth_timeout);
  std::string data = expiry_->begin(envelope, deadline);
  transport().set_deadline(deadline);
  context_.delegate.authenticate(*this, std::move(data));
  inbound_.on_hook_requested();
}

void Session::finish_renewal(RenewalStep step) {
  if (step.invalid_result) context_.report_invalid_result("authenticate");
  std::optional<std::string_view> message_id;
  if (step.message_id) message_id = *step.message_id;
  if (step.reason != nullptr) return end(*step.reason, message_id);
  context_.counters.add(Counter::renewals);
  context_.hub.renew(*this, std::move(step.metadata));
  watch_expiry(expiry_->deadline());
  outbound_.send(connected_frame(message_id));
  on_hook_done();
}

void Session::on_expiry() {
  const auto grace = context_.options.expiry_grace;
  const DisconnectReason* reason = expiry_->on_deadline(context_.clock.now(), grace);
  if (reason != nullptr) return end(*reason);
  outbound_.send_error(kTokenExpired.reason);
  if (grace.count() == 0) return end(kTokenExpired);
  transport().set_deadline(expiry_->deadline());
}

}  // namespace wscast::session
