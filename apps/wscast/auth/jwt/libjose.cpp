#include "auth/jwt/libjose.h"

#include <cstdarg>
#include <cstdint>
#include <jansson.h>
#include <new>
#include <stdexcept>
#include <utility>

#include <openssl/ec.h>
#include <openssl/evp.h>

extern "C" {  // Its headers do not say so themselves.
#include <jose/b64.h>
#include <jose/cfg.h>
#include <jose/jws.h>
#include <jose/openssl.h>
}

#include "auth/jwt/compact_jws.h"
#include "auth/jwt/error_scope.h"

namespace wscast::program {
namespace {

struct ConfigRelease {
  void operator()(jose_cfg_t* config) const { jose_cfg_decref(config); }
};
using Config = std::unique_ptr<jose_cfg_t, ConfigRelease>;

void ignore_error(void*, const char*, int, std::uint64_t, const char*, va_list) {}

/// Without one of its own libjose prints each error to standard error. One for each call: its
/// reference count is not atomic.
Config silent_config() {
  Config config(jose_cfg());
  if (config == nullptr) throw std::bad_alloc();
  jose_cfg_set_err_func(config.get(), ignore_error, nullptr);
  return config;
}

}  // namespace

void EvpKeyFree::operator()(EVP_PKEY* key) const {
  EVP_PKEY_free(key);
}

std::optional<std::string> decode_base64url(std::string_view text) {
  const std::size_t size = jose_b64_dec_buf(nullptr, text.size(), nullptr, 0);
  if (size == SIZE_MAX) return std::nullopt;
  std::string bytes(size, '\0');
  if (jose_b64_dec_buf(text.data(), text.size(), bytes.data(), bytes.size()) != size) {
    return std::nullopt;
  }
  // libjose ignores bits that no byte uses.
  return encode_base64url(bytes) == text ? std::optional(std::move(bytes)) : std::nullopt;
}

std::string encode_base64url(std::string_view bytes) {
  std::string text(jose_b64_enc_buf(nullptr, bytes.size(), nullptr, 0), '\0');
  jose_b64_enc_buf(bytes.data(), bytes.size(), text.data(), text.size());
  return text;
}

JsonTree jwk_of_secret(std::string_view secret) {
  JsonTree jwk = owned_json(json_object());
  set_member(jwk.get(), "kty", "oct");
  set_member(jwk.get(), "k", encode_base64url(secret));
  return jwk;
}

JsonTree jwk_of(EVP_PKEY* key) {
  const ErrorScope errors;
  return owned_json(jose_openssl_jwk_from_EVP_PKEY(silent_config().get(), key));
}

EvpKey evp_key_of(const json_t* jwk) {
  const ErrorScope errors;
  return EvpKey(jose_openssl_jwk_to_EVP_PKEY(silent_config().get(), jwk));
}

bool verifies(const json_t* jwk, const CompactJws& jws) {
  // libjose 11 lets many of the headers pass that name another algorithm than the key.
  if (json_string_of(json_object_get(jwk, "alg")) != name_of(jws.algorithm)) return false;
  const ErrorScope errors;
  const JsonTree flattened = owned_json(json_object());
  set_member(flattened.get(), "protected", jws.header);
  set_member(flattened.get(), "payload", jws.payload);
  set_member(flattened.get(), "signature", jws.signature);
  return jose_jws_ver(silent_config().get(), flattened.get(), nullptr, jwk, true);
}

std::string sign_compact(const json_t* jwk, JsonTree header, std::string_view payload) {
  const ErrorScope errors;
  const JsonTree jws = owned_json(json_object());
  set_member(jws.get(), "payload", encode_base64url(payload));
  const JsonTree signature = owned_json(json_object());
  set_member(signature.get(), "protected", std::move(header));
  if (!jose_jws_sig(silent_config().get(), jws.get(), signature.get(), jwk)) {
    throw std::logic_error("the key does not fit the algorithm");
  }
  const auto part = [&jws](const char* name) {
    return json_string_of(json_object_get(jws.get(), name)).value();
  };
  return part("protected") + '.' + part("payload") + '.' + part("signature");
}

}  // namespace wscast::program
