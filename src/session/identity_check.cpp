#include "session/identity_check.h"

#include "protocol/utf8.h"

namespace wscast::session {

using std::chrono::milliseconds;

std::string data_for_hook(const protocol::Envelope& envelope) {
  const auto& data = envelope.data;
  return std::string(!data || *data == "null" ? "{}" : *data);
}

CheckedIdentity check_identity(AuthenticateResult& result) {
  if (std::holds_alternative<Threw>(result)) return {.reason = &kAuthenticationError};
  auto* who = std::get_if<Identity>(&result);
  if (who == nullptr) return {.reason = &kAuthenticationFailed};
  if (!protocol::is_utf8(who->user_id)) {
    return {.reason = &kAuthenticationError, .invalid_result = true};
  }
  if (who->expires_in && *who->expires_in <= milliseconds(0)) {
    return {.reason = &kAuthenticationFailed};
  }
  return {.identity = who};
}

SteadyTime later(SteadyTime time, milliseconds duration) {
  const auto left = std::chrono::floor<milliseconds>(SteadyTime::max() - time);
  return duration < left ? time + duration : SteadyTime::max();
}

SteadyTime expiry_of(const Identity& identity, SteadyTime now) {
  return identity.expires_in ? later(now, *identity.expires_in) : SteadyTime::max();
}

}  // namespace wscast::session
