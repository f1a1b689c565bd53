#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "wscast/options.h"

#include "base/clock.h"
#include "hub/client_record.h"
#include "protocol/envelope.h"
#include "session/disconnect_reason.h"
#include "session/hook_results.h"

namespace wscast::session {

/// What the session has to do after a hook's result.
struct AuthenticationStep {
  enum class Action : std::uint8_t {
    none,       ///< The result came too late.
    handshake,  ///< Agree on keys with the client that sent handshake_data().
    subscribe,  ///< Subscribe to the channels of user_id(), then call finish().
    reject,     ///< End the session with `reason`.
  };

  Action action = Action::none;
  const DisconnectReason* reason = nullptr;
  bool invalid_result = false;  ///< The result was not UTF-8, and counted as a throw (M16).
};

/// Leads one client from the open of its connection to `connected` (protocol.md M5, M17): limits of
/// what it sends, deadline, authenticate hook, key handshake, pending subscription. State in,
/// action out, no I/O. Holds memory from the first message to finish() only. Shard thread only.
class Authenticator {
 public:
  /// The result of the authentication.
  struct Accepted {
    hub::ClientIdentity identity;
    SteadyTime expires;  ///< SteadyTime::max(): never.
    std::optional<std::string> message_id;
  };

  Authenticator();
  ~Authenticator();

  /// Counts a message or control frame. Returns false once the client has sent more than it may
  /// (protocol.md O10).
  bool count(std::size_t bytes, const SessionOptions& options);

  /// Returns when to end the client unless it is connected by then (protocol.md O1, O2).
  SteadyTime deadline(SteadyTime now, std::chrono::milliseconds auth_timeout) const;

  /// Returns when to end a client whose authenticate hook is opened (protocol.md O2, X4).
  static SteadyTime hook_deadline(SteadyTime now, std::chrono::milliseconds auth_timeout);

  /// Begins with the client's first `authenticate`. Returns the data for the hook, a JSON text.
  std::string begin(const protocol::Envelope& envelope, Encryption encryption);

  AuthenticationStep on_authenticate_result(AuthenticateResult result, SteadyTime now);
  AuthenticationStep on_handshake_result(HandshakeResult result);

  /// Whether the subscription of an accepted client is pending.
  bool subscribing() const;

  /// Ends the authentication of an accepted client once it is subscribed.
  Accepted finish();

  /// Whether the client will be encrypted, but is not yet: nothing may reach it in the clear.
  bool handshaking() const;

  /// The user whom the authenticate hook accepted.
  std::string_view user_id() const;

  /// The data of `authenticate`. Only after Action::handshake.
  const std::string& handshake_data() const;

  /// The id of `authenticate`, a JSON text; `std::nullopt` if it has none.
  std::optional<std::string_view> message_id() const;

 private:
  struct State;

  State& state();

  std::unique_ptr<State> state_;
};

}  // namespace wscast::session
