#include "auth/jwt/jwt_signing_key.h"

#include <utility>

#include "auth/jwt/jwt_key.h"
#include "auth/jwt/libjose.h"

namespace wscast::program {

KeyOrFault<JwtSigningKey> JwtSigningKey::from_secret(std::string_view secret) {
  if (std::string fault = secret_fault(secret); !fault.empty()) return fault;
  return JwtSigningKey(jwk_of_secret(secret), hmac_algorithms_for(secret.size()));
}

KeyOrFault<JwtSigningKey> JwtSigningKey::from_pem(std::string_view pem) {
  auto key = private_key_of_pem(pem);
  if (auto* fault = std::get_if<std::string>(&key)) return std::move(*fault);
  EVP_PKEY* const private_key = std::get<EvpKey>(key).get();
  auto algorithms = algorithms_of(private_key);
  if (auto* fault = std::get_if<std::string>(&algorithms)) return std::move(*fault);
  return JwtSigningKey(jwk_of(private_key), std::move(std::get<0>(algorithms)));
}

std::string JwtSigningKey::sign(JwtAlgorithm algorithm, const std::optional<std::string>& key_id,
                                std::string_view payload) const {
  JsonTree header = owned_json(json_object());
  set_member(header.get(), "alg", name_of(algorithm));
  set_member(header.get(), "typ", "JWT");
  if (key_id) set_member(header.get(), "kid", *key_id);
  return sign_compact(jwk_.get(), std::move(header), payload);
}

}  // namespace wscast::program
