#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/types.h>

#include "auth/jwt/json_tree.h"

/// All that the program uses of libjose. It checks signatures; what a library leaves open is
/// decided around it: the key fixes the algorithm (JwtKey), the header is checked before
/// (parse_compact_jws), claims after (grant_of). Its functions may be called by any thread.
namespace wscast::program {

struct CompactJws;

struct EvpKeyFree {
  void operator()(EVP_PKEY* key) const;
};
using EvpKey = std::unique_ptr<EVP_PKEY, EvpKeyFree>;

/// The longest secret that libjose takes.
inline constexpr std::size_t kMaxSecretBytes = 1024;

/// Decodes base64url as RFC 7515 section 2 has it, without padding; std::nullopt for any other
/// text, also if it has bits that no byte uses, so that each value has one spelling.
std::optional<std::string> decode_base64url(std::string_view text);

std::string encode_base64url(std::string_view bytes);

/// Returns the JSON Web Key of the bytes of a secret.
JsonTree jwk_of_secret(std::string_view secret);

/// Returns the JSON Web Key of a key, with its private part if it has one.
JsonTree jwk_of(EVP_PKEY* key);

/// Returns the key of a JSON Web Key of type RSA or EC; null if it is not one.
EvpKey evp_key_of(const json_t* jwk);

/// Whether the signature was made by this key, by the `alg` of `jwk`: a token whose header names
/// another algorithm is not verified.
bool verifies(const json_t* jwk, const CompactJws& jws);

/// Signs `payload` with a private key or a secret, by the `alg` of `header`. Returns the token;
/// throws std::logic_error if the key does not fit the algorithm.
std::string sign_compact(const json_t* jwk, JsonTree header, std::string_view payload);

}  // namespace wscast::program
