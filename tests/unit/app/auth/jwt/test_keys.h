#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "auth/jwt/jwt_signing_key.h"
#include "auth/jwt/libjose.h"

/// Keys for tests, each made once for a program.
namespace wscast::program::test {

inline const std::string kSecret32(32, 's');
inline const std::string kSecret64(64, 't');

/// The text that `write` puts into a BIO.
template <class Write>
std::string pem_by(const Write& write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
  if (write(bio.get()) != 1) throw std::runtime_error("a key for a test cannot be written");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

/// A key pair in each form that is read.
struct KeyPair {
  explicit KeyPair(EVP_PKEY* made) : key(made) {
    if (!key) throw std::runtime_error("a key for a test cannot be made");
  }

  std::string private_pem() const {
    return pem_by([this](BIO* bio) {
      return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }

  std::string public_pem() const {
    return pem_by([this](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key.get()); });
  }

  std::string certificate_pem() const {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    return pem_by([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); });
  }

  /// The public part as a JSON Web Key with these members more, such as `,"kid":"a"`.
  std::string jwk(const std::string& more = "") const {
    const JsonTree tree = jwk_of(key.get());
    for (const char* name : {"d", "p", "q", "dp", "dq", "qi"}) {
      json_object_del(tree.get(), name);
    }
    std::string text = json_text(tree.get());
    text.pop_back();
    return text + more + '}';
  }

  EvpKey key;
};

inline const KeyPair& rsa_key() {
  static const KeyPair key(EVP_RSA_gen(2'048));
  return key;
}

inline const KeyPair& other_rsa_key() {
  static const KeyPair key(EVP_RSA_gen(2'048));
  return key;
}

inline const KeyPair& p256_key() {
  static const KeyPair key(EVP_EC_gen("P-256"));
  return key;
}

inline const KeyPair& p384_key() {
  static const KeyPair key(EVP_EC_gen("P-384"));
  return key;
}

/// `{"keys":[...]}`
inline std::string jwks(const std::string& keys) {
  return R"({"keys":[)" + keys + "]}";
}

inline std::string oct_jwk(const std::string& secret, const std::string& more = "") {
  return R"({"kty":"oct","k":")" + encode_base64url(secret) + '"' + more + '}';
}

/// A token with this payload, signed by a private key or a secret.
inline std::string signed_token(const KeyOrFault<JwtSigningKey>& key, JwtAlgorithm algorithm,
                                std::string_view payload,
                                const std::optional<std::string>& key_id = std::nullopt) {
  return std::get<JwtSigningKey>(key).sign(algorithm, key_id, payload);
}

inline std::string signed_token(const KeyPair& key, JwtAlgorithm algorithm,
                                std::string_view payload,
                                const std::optional<std::string>& key_id = std::nullopt) {
  return signed_token(JwtSigningKey::from_pem(key.private_pem()), algorithm, payload, key_id);
}

inline std::string signed_token(const std::string& secret, JwtAlgorithm algorithm,
                                std::string_view payload,
                                const std::optional<std::string>& key_id = std::nullopt) {
  return signed_token(JwtSigningKey::from_secret(secret), algorithm, payload, key_id);
}

/// Header and payload as they are, with a signature that nobody made.
inline std::string unsigned_token(std::string_view header, std::string_view payload = "{}",
                                  std::string_view signature = "signature") {
  return encode_base64url(header) + '.' + encode_base64url(payload) + '.' +
         encode_base64url(signature);
}

/// Header and payload as they are, signed by HS256 with a secret.
inline std::string hs256_token(std::string_view header, std::string_view payload,
                               const std::string& secret) {
  const std::string input = encode_base64url(header) + '.' + encode_base64url(payload);
  std::string mac(32, '\0');
  std::size_t size = 0;
  EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, secret.data(), secret.size(),
            reinterpret_cast<const unsigned char*>(input.data()), input.size(),
            reinterpret_cast<unsigned char*>(mac.data()), mac.size(), &size);
  return input + '.' + encode_base64url(mac);
}

inline std::chrono::system_clock::time_point at(std::int64_t seconds) {
  return std::chrono::system_clock::time_point(std::chrono::seconds(seconds));
}

}  // namespace wscast::program::test
