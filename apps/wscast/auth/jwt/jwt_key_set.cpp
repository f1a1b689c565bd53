#include "auth/jwt/jwt_key_set.h"

#include <string_view>
#include <utility>
#include <variant>

#include "auth/jwt/json_tree.h"

namespace wscast::program {

/// Collects keys, faults and warnings.
class JwtKeySet::Builder {
 public:
  void add_secrets(const std::vector<NamedText>& secrets) {
    for (const auto& [name, text] : secrets) add(name + ": the secret", JwtKey::from_secret(text));
  }

  void add_pems(const std::vector<NamedText>& pems) {
    for (const auto& [name, text] : pems) add(name + ": it", JwtKey::from_pem(text));
  }

  void add_set(const NamedText& jwks, bool is_public) {
    const JsonTree tree =
        jwks.text.size() <= kMaxJwksBytes ? parse_json_object(jwks.text) : nullptr;
    const json_t* const keys = json_object_get(tree.get(), "keys");
    if (jwks.text.size() > kMaxJwksBytes) {
      fault(jwks.name + ": it has more than 262,144 bytes");
    } else if (!json_is_array(keys)) {
      fault(jwks.name + R"(: it is not a JSON Web Key Set, such as {"keys":[...]})");
    } else {
      add_keys(jwks.name, keys, is_public);
    }
  }

  Built finish() && {
    if (keys_.size() > kMaxKeys) fault("there are more than 32 keys");
    if (faults_.empty() && keys_.empty()) fault("there is no key that verifies tokens");
    Built built{.faults = std::move(faults_), .warnings = std::move(warnings_)};
    if (!built.faults.empty()) return built;
    auto keys = std::make_shared<JwtKeySet>();
    keys->keys_ = std::move(keys_);
    built.keys = std::move(keys);
    return built;
  }

 private:
  void add(const std::string& what, KeyOrFault<JwtKey> key) {
    if (const auto* why = std::get_if<std::string>(&key)) return fault(what + ' ' + *why);
    keys_.push_back(std::move(std::get<JwtKey>(key)));
  }

  /// A set may hold keys for other uses: what cannot be used is a fault only if nothing can.
  void add_keys(const std::string& name, const json_t* keys, bool is_public) {
    std::vector<std::string> unused;
    const std::size_t all = json_array_size(keys);
    for (std::size_t i = 0; i < all; ++i) {
      const json_t* const jwk = json_array_get(keys, i);
      auto key = key_of(jwk, is_public);
      if (const auto* why = std::get_if<std::string>(&key)) {
        unused.push_back(name + ": key " + std::to_string(i + 1) + label_of(jwk) + ' ' + *why);
      } else {
        keys_.push_back(std::move(std::get<JwtKey>(key)));
      }
    }
    if (all == 0) fault(name + ": it has no key");
    auto& into = unused.size() == all ? faults_ : warnings_;
    into.insert(into.end(), unused.begin(), unused.end());
  }

  static KeyOrFault<JwtKey> key_of(const json_t* jwk, bool is_public) {
    if (is_public && is_secret(jwk)) return "is a secret, but the set is public";
    return JwtKey::from_jwk(jwk);
  }

  static bool is_secret(const json_t* jwk) {
    return json_string_of(json_object_get(jwk, "kty")) == "oct";
  }

  /// The key's `kid`, if it has one, to find it again in the set.
  static std::string label_of(const json_t* jwk) {
    const auto id = json_string_of(json_object_get(jwk, "kid"));
    return id ? " (kid \"" + *id + "\")" : "";
  }

  void fault(std::string sentence) { faults_.push_back(std::move(sentence)); }

  std::vector<JwtKey> keys_;
  std::vector<std::string> faults_;
  std::vector<std::string> warnings_;
};

JwtKeySet::Built JwtKeySet::build(const JwtKeySources& sources) {
  Builder builder;
  builder.add_secrets(sources.secrets);
  builder.add_pems(sources.pems);
  if (sources.jwks) builder.add_set(*sources.jwks, sources.jwks_is_public);
  return std::move(builder).finish();
}

std::optional<JwtRejection> JwtKeySet::verify(const CompactJws& jws) const {
  auto rejection = JwtRejection::unknown_key;
  for (const JwtKey& key : keys_) {
    if (!key.fits(jws)) continue;
    if (key.verifies(jws)) return std::nullopt;
    rejection = JwtRejection::signature;
  }
  return rejection;
}

}  // namespace wscast::program
