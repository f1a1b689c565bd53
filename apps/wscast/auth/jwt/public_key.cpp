#include "auth/jwt/public_key.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "auth/jwt/error_scope.h"

namespace wscast::program {
namespace {

constexpr int kMinRsaBits = 2'048;  // RFC 7518 section 3.3.
constexpr int kMaxRsaBits = 8'192;  // More would cost a shard milliseconds for each token.

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Reader = std::unique_ptr<BIO, BioFree>;

struct CertificateFree {
  void operator()(X509* certificate) const { X509_free(certificate); }
};

/// One `-----BEGIN LABEL-----` with what it holds.
struct PemBlock {
  std::string label;
  std::string der;
};

Reader reader_of(std::string_view text) {
  return Reader(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::optional<PemBlock> next_block(BIO* from) {
  char* label = nullptr;
  char* header = nullptr;
  unsigned char* der = nullptr;
  long size = 0;  // NOLINT(*-long): OpenSSL's type.
  if (PEM_read_bio(from, &label, &header, &der, &size) != 1) return std::nullopt;
  PemBlock block{.label = label, .der = {}};
  block.der.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(label);
  OPENSSL_free(header);
  OPENSSL_clear_free(der, static_cast<std::size_t>(size));
  return block;
}

EvpKey key_of_certificate(const PemBlock& block) {
  const auto* at = reinterpret_cast<const unsigned char*>(block.der.data());
  const std::unique_ptr<X509, CertificateFree> certificate(
      d2i_X509(nullptr, &at, static_cast<long>(block.der.size())));  // NOLINT(*-long)
  return EvpKey(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
}

EvpKey key_of(const PemBlock& block) {
  if (block.label == "CERTIFICATE") return key_of_certificate(block);
  const auto* at = reinterpret_cast<const unsigned char*>(block.der.data());
  const auto size = static_cast<long>(block.der.size());  // NOLINT(*-long)
  if (block.label == "PUBLIC KEY") return EvpKey(d2i_PUBKEY(nullptr, &at, size));
  return EvpKey(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size));
}

bool is_public(const std::string& label) {
  return label == "PUBLIC KEY" || label == "RSA PUBLIC KEY" || label == "CERTIFICATE";
}

/// What speaks against the label of a block; empty: nothing.
std::string label_fault(const std::string& label) {
  if (label.ends_with("PRIVATE KEY")) {
    return "holds a private key; make its public key with: openssl pkey -in FILE -pubout";
  }
  return is_public(label) ? "" : "holds neither a public key nor a certificate";
}

int no_passphrase(char*, int, int, void*) {
  return -1;
}

std::string rsa_fault(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kMinRsaBits) {
    return "is an RSA key of " + std::to_string(bits) + " bits; at least 2,048 are needed";
  }
  if (bits > kMaxRsaBits) {
    return "is an RSA key of " + std::to_string(bits) + " bits; at most 8,192 are accepted";
  }
  return "";
}

/// Whether the numbers of a public key belong together: an odd exponent above 1, a point that is on
/// its curve.
bool is_consistent(EVP_PKEY* key) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr), EVP_PKEY_CTX_free);
  return context != nullptr && EVP_PKEY_public_check(context.get()) == 1;
}

KeyOrFault<std::vector<JwtAlgorithm>> rsa_algorithms(const EVP_PKEY* key) {
  if (std::string fault = rsa_fault(key); !fault.empty()) return fault;
  return std::vector{JwtAlgorithm::rs256, JwtAlgorithm::rs384, JwtAlgorithm::rs512,
                     JwtAlgorithm::ps256};
}

KeyOrFault<std::vector<JwtAlgorithm>> ec_algorithms(const EVP_PKEY* key) {
  std::string curve(64, '\0');
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, curve.data(), curve.size(), &size) != 1) size = 0;
  curve.resize(size);
  if (curve == "prime256v1") return std::vector{JwtAlgorithm::es256};
  if (curve == "secp384r1") return std::vector{JwtAlgorithm::es384};
  return "is on another curve than P-256 and P-384";
}

}  // namespace

KeyOrFault<EvpKey> public_key_of_pem(std::string_view pem) {
  const ErrorScope errors;
  const Reader reader = reader_of(pem);
  const auto first = next_block(reader.get());
  if (!first) return "is not a PEM file";
  if (std::string fault = label_fault(first->label); !fault.empty()) return fault;
  EvpKey key = key_of(*first);
  if (!key) return "cannot be decoded as a " + first->label;
  while (const auto next = next_block(reader.get())) {
    const bool is_chain = first->label == "CERTIFICATE" && next->label == "CERTIFICATE";
    if (!is_chain) return "holds more than one key; give each a file of its own";
  }
  return key;
}

KeyOrFault<EvpKey> private_key_of_pem(std::string_view pem) {
  const ErrorScope errors;
  EvpKey key(PEM_read_bio_PrivateKey(reader_of(pem).get(), nullptr, no_passphrase, nullptr));
  if (!key) return "holds no private key in PEM without a passphrase";
  return key;
}

KeyOrFault<std::vector<JwtAlgorithm>> algorithms_of(EVP_PKEY* key) {
  const ErrorScope errors;
  const int type = EVP_PKEY_get_base_id(key);
  if (type != EVP_PKEY_RSA && type != EVP_PKEY_EC) return "is neither an RSA nor an EC key";
  auto algorithms = type == EVP_PKEY_RSA ? rsa_algorithms(key) : ec_algorithms(key);
  if (algorithms.index() == 0 && !is_consistent(key)) return "is damaged: it cannot be used";
  return algorithms;
}

}  // namespace wscast::program
