#include "session/authenticator.h"

#include <array>
#include <utility>

#include "protocol/json_scanner.h"
#include "protocol/utf8.h"
#include "session/identity_check.h"

namespace wscast::session {
namespace {

using Action = AuthenticationStep::Action;

constexpr int kAuthenticatingFactor = 3;  // protocol.md O2.

enum class Phase : std::uint8_t { unauthorized, authenticating, handshaking, subscribing };

bool wants_encryption(std::string_view data, Encryption encryption) {
  if (encryption != Encryption::optional) return encryption == Encryption::required;
  constexpr std::array<std::string_view, 1> kNames = {"publicKey"};
  std::array<std::optional<protocol::JsonValue>, 1> values;
  return protocol::scan_object(data, kNames, values) == protocol::ObjectScan::object &&
         values[0].has_value();
}

AuthenticationStep reject(const DisconnectReason& reason, bool invalid_result = false) {
  return {.action = Action::reject, .reason = &reason, .invalid_result = invalid_result};
}

}  // namespace

/// Small, since every client has one from its first message on.
struct Authenticator::State {
  struct Pending {
    std::optional<std::string> handshake_data;  ///< If the client is to be encrypted.
    std::optional<std::string> message_id;
    hub::ClientIdentity identity;
    SteadyTime expires = SteadyTime::max();
  };

  Pending& need_pending() {
    if (!pending) pending = std::make_unique<Pending>();
    return *pending;
  }
  bool encrypts() const { return pending && pending->handshake_data; }

  Phase phase = Phase::unauthorized;
  std::uint32_t messages = 0;
  std::uint32_t bytes = 0;
  std::unique_ptr<Pending> pending;  ///< Null until there is something to keep.
};

Authenticator::Authenticator() = default;
Authenticator::~Authenticator() = default;

Authenticator::State& Authenticator::state() {
  if (!state_) state_ = std::make_unique<State>();
  return *state_;
}

bool Authenticator::count(std::size_t bytes, const SessionOptions& options) {
  State& now = state();
  ++now.messages;
  now.bytes += static_cast<std::uint32_t>(bytes);
  return now.messages <= options.max_messages_before_auth &&
         now.bytes <= options.max_bytes_before_auth;
}

SteadyTime Authenticator::deadline(SteadyTime now, std::chrono::milliseconds auth_timeout) const {
  const bool open = state_ && state_->phase != Phase::unauthorized;
  return open ? hook_deadline(now, auth_timeout) : now + auth_timeout;
}

SteadyTime Authenticator::hook_deadline(SteadyTime now, std::chrono::milliseconds auth_timeout) {
  return now + kAuthenticatingFactor * auth_timeout;
}

std::string Authenticator::begin(const protocol::Envelope& envelope, Encryption encryption) {
  State& now = state();
  now.phase = Phase::authenticating;
  std::string text = data_for_hook(envelope);
  if (wants_encryption(text, encryption)) now.need_pending().handshake_data = text;
  if (envelope.id) now.need_pending().message_id = *envelope.id;
  return text;
}

AuthenticationStep Authenticator::on_authenticate_result(AuthenticateResult result,
                                                         SteadyTime now) {
  if (!state_ || state_->phase != Phase::authenticating) return {};
  const CheckedIdentity checked = check_identity(result);
  if (checked.identity == nullptr) return reject(*checked.reason, checked.invalid_result);
  Identity& who = *checked.identity;
  State::Pending& pending = state_->need_pending();
  pending.expires = expiry_of(who, now);
  pending.identity = {.user_id = who.user_id, .metadata = std::move(who.metadata)};
  state_->phase = state_->encrypts() ? Phase::handshaking : Phase::subscribing;
  return {.action = state_->encrypts() ? Action::handshake : Action::subscribe};
}

AuthenticationStep Authenticator::on_handshake_result(HandshakeResult result) {
  if (!state_ || state_->phase != Phase::handshaking) return {};
  if (std::holds_alternative<Threw>(result)) return reject(kAuthenticationError);  // O5
  auto* keys = std::get_if<HandshakeKeys>(&result);
  if (keys == nullptr) return reject(kHandshakeFailed);
  if (!protocol::is_utf8(keys->server_public_key) || !protocol::is_utf8(keys->salt)) {
    return reject(kAuthenticationError, true);
  }
  state_->pending->identity.keys = std::make_unique<const HandshakeKeys>(std::move(*keys));
  state_->phase = Phase::subscribing;
  return {.action = Action::subscribe};
}

bool Authenticator::subscribing() const {
  return state_ && state_->phase == Phase::subscribing;
}

Authenticator::Accepted Authenticator::finish() {
  const auto pending = std::move(std::exchange(state_, nullptr)->pending);
  return {std::move(pending->identity), pending->expires, std::move(pending->message_id)};
}

bool Authenticator::handshaking() const {
  return state_ && state_->encrypts() && state_->phase >= Phase::handshaking;
}

std::string_view Authenticator::user_id() const {
  return state_->pending->identity.user_id.view();
}

const std::string& Authenticator::handshake_data() const {
  return *state_->pending->handshake_data;
}

std::optional<std::string_view> Authenticator::message_id() const {
  if (!state_ || !state_->pending || !state_->pending->message_id) return std::nullopt;
  return *state_->pending->message_id;
}

}  // namespace wscast::session
