#include "session/identity_expiry.h"

#include <utility>

#include "session/identity_check.h"

namespace wscast::session {

const DisconnectReason* IdentityExpiry::on_deadline(SteadyTime now,
                                                    std::chrono::milliseconds grace) {
  if (renewing_) return &kAuthenticationTimeout;
  if (std::exchange(told_, true)) return &kTokenExpired;
  deadline_ = later(now, grace);
  return nullptr;
}

std::string IdentityExpiry::begin(const protocol::Envelope& envelope, SteadyTime deadline) {
  if (envelope.id) message_id_ = std::make_unique<const std::string>(*envelope.id);
  renewing_ = true;
  deadline_ = deadline;
  return data_for_hook(envelope);
}

RenewalStep IdentityExpiry::on_authenticate_result(AuthenticateResult result,
                                                   std::string_view user_id, SteadyTime now) {
  const CheckedIdentity checked = check_identity(result);
  RenewalStep step{.reason = checked.reason,
                   .invalid_result = checked.invalid_result,
                   .message_id = std::move(message_id_)};
  renewing_ = told_ = false;
  if (checked.identity == nullptr) return step;
  if (checked.identity->user_id != user_id) step.reason = &kAuthenticationFailed;
  deadline_ = expiry_of(*checked.identity, now);
  step.metadata = std::move(checked.identity->metadata);
  return step;
}

}  // namespace wscast::session
