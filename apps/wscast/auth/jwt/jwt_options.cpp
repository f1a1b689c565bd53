#include "auth/jwt/jwt_options.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "auth/jwt/jwt_algorithm.h"
#include "auth/jwt/jwt_claims.h"

namespace wscast::program {
namespace {

constexpr std::chrono::minutes kMaxLeeway{5};

bool has_empty(const std::vector<std::string>& texts) {
  return std::ranges::find(texts, "") != texts.end();
}

/// Collects what is wrong, one sentence each.
class Faults {
 public:
  void check(bool good, std::string sentence) {
    if (!good) sentences_.push_back(std::move(sentence));
  }
  std::vector<std::string> sentences() && { return std::move(sentences_); }

 private:
  std::vector<std::string> sentences_;
};

void check_claims(const JwtOptions& options, Faults& faults) {
  faults.check(!options.user_claim.empty(), "user_claim must not be empty");
  faults.check(!options.rooms_claim.empty(), "rooms_claim must not be empty");
  faults.check(options.rooms_claim != options.user_claim,
               "rooms_claim and user_claim must not be the same");
  faults.check(options.metadata_claim.empty() || (options.metadata_claim != options.user_claim &&
                                                  options.metadata_claim != options.rooms_claim),
               "metadata_claim must not be the claim of the user or the rooms");
  for (const std::string& claim : {options.rooms_claim, options.metadata_claim}) {
    faults.check(!is_registered_claim(claim),
                 "\"" + claim + "\" has a meaning of its own: choose another claim");
  }
  faults.check(!is_registered_claim(options.user_claim) || options.user_claim == "sub" ||
                   options.user_claim == "iss" || options.user_claim == "jti",
               "user_claim: \"" + options.user_claim + "\" is not a string");
}

}  // namespace

std::vector<std::string> JwtOptions::validate() const {
  Faults faults;
  faults.check(!has_empty(issuers), "an issuer must not be empty");
  faults.check(!has_empty(audiences), "an audience must not be empty");
  for (const std::string& name : algorithms) {
    faults.check(jwt_algorithm_named(name).has_value(),
                 "\"" + name + "\" is not one of " + std::string(jwt_algorithm_names()));
  }
  faults.check(leeway.count() >= 0 && leeway <= kMaxLeeway, "leeway must be from 0 to 5 minutes");
  check_claims(*this, faults);
  return std::move(faults).sentences();
}

}  // namespace wscast::program
