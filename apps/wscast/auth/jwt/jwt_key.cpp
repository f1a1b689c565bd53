#include "auth/jwt/jwt_key.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <utility>

#include "auth/jwt/libjose.h"

namespace wscast::program {
namespace {

constexpr std::size_t kMinSecretBytes = 32;     // That of HS256.
constexpr std::size_t kMaxMemberChars = 2'048;  // An RSA modulus of 8,192 bits has 1,366.

/// The bytes of a member that is base64url; std::nullopt if it is anything else.
std::optional<std::string> bytes_of(const json_t* jwk, const char* name) {
  const auto text = json_string_of(json_object_get(jwk, name));
  return text && text->size() <= kMaxMemberChars ? decode_base64url(*text) : std::nullopt;
}

/// Whether `use` and `key_ops`, if they are there, let the key verify (RFC 7517 section 4).
bool is_for_verifying(const json_t* jwk) {
  const json_t* const use = json_object_get(jwk, "use");
  if (use != nullptr && json_string_of(use) != "sig") return false;
  const json_t* const operations = json_object_get(jwk, "key_ops");
  if (operations == nullptr) return true;
  for (std::size_t i = 0; i < json_array_size(operations); ++i) {
    if (json_string_of(json_array_get(operations, i)) == "verify") return true;
  }
  return false;
}

/// A copy with these members alone, so that nothing else of the set counts; null if one is missing.
JsonTree reduced(const json_t* jwk, std::initializer_list<const char*> names) {
  JsonTree copy = owned_json(json_object());
  for (const char* name : names) {
    const auto text = json_string_of(json_object_get(jwk, name));
    if (!text) return nullptr;
    set_member(copy.get(), name, *text);
  }
  return copy;
}

/// RFC 7518 section 6.2.1: coordinates have the full length of the curve's field.
bool has_full_coordinates(const json_t* jwk) {
  const std::size_t bytes = json_string_of(json_object_get(jwk, "crv")) == "P-384" ? 48 : 32;
  const auto x = bytes_of(jwk, "x");
  const auto y = bytes_of(jwk, "y");
  return x && y && x->size() == bytes && y->size() == bytes;
}

/// A JSON Web Key reduced to what verifying needs, and the algorithms that it is good for.
struct Usable {
  JsonTree jwk;
  std::vector<JwtAlgorithm> algorithms;
};

KeyOrFault<Usable> secret_of_set(const json_t* jwk) {
  const auto secret = bytes_of(jwk, "k");
  if (!secret) return "has no k in base64url";
  if (std::string fault = secret_fault(*secret); !fault.empty()) return fault;
  return Usable{.jwk = jwk_of_secret(*secret), .algorithms = hmac_algorithms_for(secret->size())};
}

KeyOrFault<Usable> usable_public(JsonTree jwk) {
  const EvpKey key = evp_key_of(jwk.get());
  if (!key) return "is damaged: it cannot be used";
  auto algorithms = algorithms_of(key.get());
  if (auto* fault = std::get_if<std::string>(&algorithms)) return std::move(*fault);
  return Usable{.jwk = std::move(jwk), .algorithms = std::move(std::get<0>(algorithms))};
}

KeyOrFault<Usable> rsa_of_set(const json_t* jwk) {
  if (!bytes_of(jwk, "n") || !bytes_of(jwk, "e")) return "has no n and e in base64url";
  return usable_public(reduced(jwk, {"kty", "n", "e"}));
}

KeyOrFault<Usable> ec_of_set(const json_t* jwk) {
  const auto curve = json_string_of(json_object_get(jwk, "crv"));
  if (curve != "P-256" && curve != "P-384") return "is on another curve than P-256 and P-384";
  if (!has_full_coordinates(jwk)) return "has no x and y of its curve's length in base64url";
  return usable_public(reduced(jwk, {"kty", "crv", "x", "y"}));
}

KeyOrFault<Usable> usable_of_set(const json_t* jwk) {
  const auto type = json_string_of(json_object_get(jwk, "kty"));
  if (type == "oct") return secret_of_set(jwk);
  if (type != "RSA" && type != "EC") return "is of another type than oct, RSA and EC";
  if (json_object_get(jwk, "d") != nullptr) return "is a private key; the set needs its public key";
  return type == "RSA" ? rsa_of_set(jwk) : ec_of_set(jwk);
}

/// Leaves the algorithm that the key's own `alg` names; returns what is wrong with that, or
/// nothing.
std::string limit_to_own(const json_t* alg, std::vector<JwtAlgorithm>& algorithms) {
  if (alg == nullptr) return "";
  const auto name = json_string_of(alg);
  const auto own = name ? jwt_algorithm_named(*name) : std::nullopt;
  if (!own) return "has an alg that is not one of " + std::string(jwt_algorithm_names());
  if (std::ranges::find(algorithms, *own) == algorithms.end()) {
    return "has the alg " + *name + ", which does not fit it";
  }
  algorithms = {*own};
  return "";
}

}  // namespace

std::string secret_fault(std::string_view secret) {
  if (secret.size() < kMinSecretBytes) {
    return "has " + std::to_string(secret.size()) + " bytes; HS256 needs at least 32";
  }
  if (secret.size() > kMaxSecretBytes) {
    return "has " + std::to_string(secret.size()) + " bytes; at most 1,024 are accepted";
  }
  if (secret.starts_with("-----BEGIN ")) {
    return "is a PEM file: a public key is no secret";
  }
  return "";
}

JwtKey::JwtKey(const json_t* jwk, const std::vector<JwtAlgorithm>& algorithms) {
  for (const JwtAlgorithm algorithm : algorithms) {
    // Not shared: Jansson's reference counts are not atomic everywhere.
    JsonTree copy = owned_json(json_deep_copy(jwk));
    set_member(copy.get(), "alg", name_of(algorithm));
    uses_.push_back({.algorithm = algorithm, .jwk = std::move(copy)});
  }
}

KeyOrFault<JwtKey> JwtKey::from_secret(std::string_view secret) {
  if (std::string fault = secret_fault(secret); !fault.empty()) return fault;
  return JwtKey(jwk_of_secret(secret).get(), hmac_algorithms_for(secret.size()));
}

KeyOrFault<JwtKey> JwtKey::from_pem(std::string_view pem) {
  auto key = public_key_of_pem(pem);
  if (auto* fault = std::get_if<std::string>(&key)) return std::move(*fault);
  EVP_PKEY* const public_key = std::get<EvpKey>(key).get();
  const auto algorithms = algorithms_of(public_key);
  if (const auto* fault = std::get_if<std::string>(&algorithms)) return *fault;
  return JwtKey(jwk_of(public_key).get(), std::get<0>(algorithms));
}

KeyOrFault<JwtKey> JwtKey::from_jwk(const json_t* jwk) {
  if (!json_is_object(jwk)) return "is not an object";
  if (!is_for_verifying(jwk)) return "is not for verifying, by its use or key_ops";
  const json_t* const id = json_object_get(jwk, "kid");
  if (id != nullptr && !json_is_string(id)) return "has a kid that is not a string";
  auto usable = usable_of_set(jwk);
  if (auto* fault = std::get_if<std::string>(&usable)) return std::move(*fault);
  auto& found = std::get<Usable>(usable);
  std::string fault = limit_to_own(json_object_get(jwk, "alg"), found.algorithms);
  if (!fault.empty()) return fault;
  JwtKey key(found.jwk.get(), found.algorithms);
  key.id_ = json_string_of(id);
  key.is_of_set_ = true;
  return key;
}

bool JwtKey::fits(const CompactJws& jws) const {
  if (use_for(jws.algorithm) == nullptr) return false;
  return !is_of_set_ || !jws.key_id || jws.key_id == id_;
}

bool JwtKey::verifies(const CompactJws& jws) const {
  const Use* const use = use_for(jws.algorithm);
  return use != nullptr && program::verifies(use->jwk.get(), jws);
}

std::vector<JwtAlgorithm> JwtKey::algorithms() const {
  std::vector<JwtAlgorithm> algorithms;
  for (const Use& use : uses_) algorithms.push_back(use.algorithm);
  return algorithms;
}

const JwtKey::Use* JwtKey::use_for(JwtAlgorithm algorithm) const {
  const auto found = std::ranges::find(uses_, algorithm, &Use::algorithm);
  return found == uses_.end() ? nullptr : &*found;
}

}  // namespace wscast::program
