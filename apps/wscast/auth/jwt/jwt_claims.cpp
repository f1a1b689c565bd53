#include "auth/jwt/jwt_claims.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/jwt/json_tree.h"

namespace wscast::program {
namespace {

using std::chrono::system_clock;

/// A grant that lasts longer counts as this long, some 31 years: deadlines stay far from overflow.
constexpr double kLongestMs = 1e12;

constexpr std::array kRegistered = {"iss", "sub", "aud", "exp", "nbf", "iat", "jti"};
constexpr std::array kStrings = {"iss", "sub", "jti"};
constexpr std::array kTimes = {"exp", "nbf", "iat"};

bool is_string(const json_t* value) {
  return json_is_string(value);
}

bool is_array_of_strings(const json_t* value) {
  if (!json_is_array(value)) return false;
  for (std::size_t i = 0; i < json_array_size(value); ++i) {
    if (!is_string(json_array_get(value, i))) return false;
  }
  return true;
}

/// The claims of a token at a time.
class Claims {
 public:
  Claims(const json_t* claims, const JwtOptions& options, system_clock::time_point now)
      : claims_(claims),
        options_(options),
        now_(std::chrono::duration<double>(now.time_since_epoch()).count()),
        leeway_(static_cast<double>(options.leeway.count())) {}

  std::optional<JwtRejection> check() const {
    if (!has_types()) return JwtRejection::claim_type;
    if (const auto rejection = check_times()) return rejection;
    if (!is_from_issuer()) return JwtRejection::issuer;
    if (!is_for_audience()) return JwtRejection::audience;
    const auto user = json_string_of(claim(options_.user_claim));
    return user && !user->empty() ? std::nullopt : std::optional(JwtRejection::no_user);
  }

  /// After check().
  Grant grant() const {
    return {.user_id = json_string_of(claim(options_.user_claim)).value(),
            .room_patterns = rooms(),
            .metadata = metadata(),
            .expires_in = expires_in()};
  }

 private:
  const json_t* claim(const std::string& name) const {
    return json_object_get(claims_, name.c_str());
  }

  template <class Names, class Test>
  bool each_is_absent_or(const Names& names, const Test& test) const {
    return std::ranges::all_of(names, [&](const std::string& name) {
      const json_t* const value = claim(name);
      return value == nullptr || test(value);
    });
  }

  bool has_types() const {
    const auto is_number = [](const json_t* value) { return json_is_number(value); };
    const auto is_metadata = [this](const json_t* value) {
      return options_.metadata_claim.empty() || json_is_object(value);
    };
    const auto is_audience = [](const json_t* value) {
      return is_string(value) || is_array_of_strings(value);
    };
    return each_is_absent_or(kStrings, is_string) && each_is_absent_or(kTimes, is_number) &&
           each_is_absent_or(std::array{"aud"}, is_audience) &&
           each_is_absent_or(std::array{options_.user_claim}, is_string) &&
           each_is_absent_or(std::array{options_.rooms_claim}, is_array_of_strings) &&
           each_is_absent_or(std::array{options_.metadata_claim}, is_metadata);
  }

  /// Seconds since 1970, possibly with a fraction (RFC 7519 section 2, NumericDate).
  std::optional<double> time(const char* name) const {
    const json_t* const value = claim(name);
    return value == nullptr ? std::nullopt : std::optional(json_number_value(value));
  }

  std::optional<JwtRejection> check_times() const {
    const auto expiry = time("exp");
    if (!expiry && options_.require_expiry) return JwtRejection::no_expiry;
    if (expiry && now_ >= *expiry + leeway_) return JwtRejection::expired;
    if (time("nbf").value_or(now_) > now_ + leeway_) return JwtRejection::not_yet_valid;
    if (time("iat").value_or(now_) > now_ + leeway_) return JwtRejection::issued_in_future;
    return std::nullopt;
  }

  bool is_from_issuer() const {
    if (options_.issuers.empty()) return true;
    const auto issuer = json_string_of(claim("iss"));
    return issuer && std::ranges::find(options_.issuers, *issuer) != options_.issuers.end();
  }

  bool is_for_audience() const {
    if (options_.audiences.empty()) return true;
    const auto audiences = strings_of(claim("aud"));
    return std::ranges::find_first_of(audiences, options_.audiences) != audiences.end();
  }

  /// A string, or an array of strings, as an array.
  static std::vector<std::string> strings_of(const json_t* value) {
    std::vector<std::string> strings;
    if (const auto one = json_string_of(value)) strings.push_back(*one);
    for (std::size_t i = 0; i < json_array_size(value); ++i) {
      strings.push_back(json_string_of(json_array_get(value, i)).value());
    }
    return strings;
  }

  std::vector<std::string> rooms() const { return strings_of(claim(options_.rooms_claim)); }

  std::string metadata() const {
    if (!options_.metadata_claim.empty()) {
      const json_t* const object = claim(options_.metadata_claim);
      return object == nullptr ? "{}" : json_text(object);
    }
    // A copy: its members are shared, but only by this thread.
    const JsonTree rest = owned_json(json_copy(const_cast<json_t*>(claims_)));
    json_object_del(rest.get(), options_.user_claim.c_str());
    json_object_del(rest.get(), options_.rooms_claim.c_str());
    for (const char* name : kRegistered) json_object_del(rest.get(), name);
    return json_text(rest.get());
  }

  std::optional<std::chrono::milliseconds> expires_in() const {
    const auto expiry = time("exp");
    if (!expiry) return std::nullopt;
    const double left = (*expiry + leeway_ - now_) * 1000;
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(left, kLongestMs)));
  }

  const json_t* claims_;
  const JwtOptions& options_;
  double now_;
  double leeway_;
};

}  // namespace

bool is_registered_claim(std::string_view name) {
  return std::ranges::find(kRegistered, name) != kRegistered.end();
}

JwtResult<Grant> grant_of(std::string_view payload, const JwtOptions& options,
                          system_clock::time_point now) {
  const JsonTree tree = parse_json_object(payload);
  if (!tree) return JwtRejection::malformed;
  const Claims claims(tree.get(), options, now);
  if (const auto rejection = claims.check()) return *rejection;
  return claims.grant();
}

}  // namespace wscast::program
