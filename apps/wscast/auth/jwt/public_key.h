#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/jwt/jwt_algorithm.h"
#include "auth/jwt/libjose.h"

namespace wscast::program {

/// A key, or what is wrong with it: the end of a sentence, such as `is not a PEM file`.
template <class Key>
using KeyOrFault = std::variant<Key, std::string>;

/// Reads the public key of a PEM text: PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE, of which nothing
/// but the key counts. Certificates after the first, those that lead to its authority, are ignored.
/// Rejects private keys: the server has no use for one.
KeyOrFault<EvpKey> public_key_of_pem(std::string_view pem);

/// Reads the private key of a PEM text, without a passphrase.
KeyOrFault<EvpKey> private_key_of_pem(std::string_view pem);

/// Returns the algorithms that the key is good for, or why it is good for none: RSA of 2,048 to
/// 8,192 bits (RFC 7518 section 3.3), P-256 and P-384, whose numbers belong together.
KeyOrFault<std::vector<JwtAlgorithm>> algorithms_of(EVP_PKEY* key);

}  // namespace wscast::program
