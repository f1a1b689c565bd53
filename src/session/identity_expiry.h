#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "wscast/metadata.h"

#include "base/clock.h"
#include "protocol/envelope.h"
#include "session/disconnect_reason.h"
#include "session/hook_results.h"

namespace wscast::session {

/// What the session has to do after the authenticate hook's result for a renewal.
struct RenewalStep {
  const DisconnectReason* reason = nullptr;  ///< To end the session with; null: it is renewed.
  bool invalid_result = false;  ///< The result was not UTF-8, and counted as a throw (M16).
  Metadata metadata{};          ///< The client's from now on, unless there is a `reason`.
  std::unique_ptr<const std::string> message_id{};  ///< Of `authenticate`, a JSON text; or null.
};

/// Watches one connected client whose identity expires, and leads it through its renewals
/// (protocol.md X4). State in, action out, no I/O. Shard thread only.
class IdentityExpiry {
 public:
  explicit IdentityExpiry(SteadyTime expires) : deadline_(expires) {}

  /// When to call on_deadline(); SteadyTime::max(): never, the renewed identity does not expire.
  SteadyTime deadline() const { return deadline_; }

  /// The deadline has come. Returns the reason to end the session with. Null: the client is to be
  /// notified that its identity has expired, and has until the new deadline(), which `grace` gives
  /// it.
  const DisconnectReason* on_deadline(SteadyTime now, std::chrono::milliseconds grace);

  /// Whether the authenticate hook is open. Meanwhile deadline() is the hook's.
  bool renewing() const { return renewing_; }

  /// Begins a renewal, which may take until `deadline`. Returns the data for the hook, a JSON text.
  std::string begin(const protocol::Envelope& envelope, SteadyTime deadline);

  /// Ends the renewal of a client of `user_id`. Only while renewing().
  RenewalStep on_authenticate_result(AuthenticateResult result, std::string_view user_id,
                                     SteadyTime now);

 private:
  SteadyTime deadline_;
  std::unique_ptr<const std::string> message_id_;  ///< While renewing.
  bool renewing_ = false;
  bool told_ = false;  ///< That the identity has expired.
};

}  // namespace wscast::session
