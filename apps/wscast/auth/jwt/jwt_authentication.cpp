#include "auth/jwt/jwt_authentication.h"

#include <optional>
#include <utility>
#include <variant>

#include "auth/jwt/jwt_verification.h"
#include "logging.h"
#include "one_line.h"

namespace wscast::program {

JwtAuthentication::JwtAuthentication(JwtOptions options, Clock clock)
    : clock_(std::move(clock)),
      state_(std::make_shared<const State>(
          State{.options = std::move(options), .keys = std::make_shared<const JwtKeySet>()})) {}

void JwtAuthentication::authenticate(const AuthenticateRequest& request, Done done) {
  const auto current = state();
  auto result = verify_jwt(token_in(request), *current->keys, current->options, clock_());
  if (const auto* rejection = std::get_if<JwtRejection>(&result)) {
    reject(request, *rejection);
    return done(std::nullopt);
  }
  done(std::move(std::get<Grant>(result)));
}

std::vector<std::string> JwtAuthentication::replace(JwtOptions options, JwtKeySources sources) {
  const std::lock_guard lock(replacing_);
  return set(std::move(options), std::move(sources));
}

std::vector<std::string> JwtAuthentication::replace_jwks(NamedText jwks) {
  const std::lock_guard lock(replacing_);
  JwtKeySources sources = sources_;
  sources.jwks = std::move(jwks);
  sources.jwks_is_public = true;
  return set(state()->options, std::move(sources));
}

std::vector<std::string> JwtAuthentication::set(JwtOptions options, JwtKeySources sources) {
  std::vector<std::string> faults = options.validate();
  auto built = JwtKeySet::build(sources);
  faults.insert(faults.end(), built.faults.begin(), built.faults.end());
  if (!faults.empty()) return faults;
  for (const auto& warning : built.warnings) {
    log_line(LogLevel::warning, "jwt_key_unused", one_line(warning + ": it is not used"));
  }
  sources_ = std::move(sources);
  auto state = std::make_shared<const State>(
      State{.options = std::move(options), .keys = std::move(built.keys)});
  const std::lock_guard lock(mutex_);
  state_.swap(state);
  return {};
}

JwtRejections JwtAuthentication::rejections() const {
  JwtRejections all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = rejections_[i].load();
  return all;
}

std::shared_ptr<const JwtAuthentication::State> JwtAuthentication::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void JwtAuthentication::reject(const AuthenticateRequest& request, JwtRejection rejection) {
  rejections_[static_cast<std::size_t>(rejection)].fetch_add(1, std::memory_order_relaxed);
  log_line(LogLevel::debug, "token_rejected",
           "client " + std::string(request.client_id) +
               ": token rejected: " + std::string(text_of(rejection)));
  if (rejection == JwtRejection::unknown_key && on_unknown_key_) on_unknown_key_();
}

}  // namespace wscast::program
