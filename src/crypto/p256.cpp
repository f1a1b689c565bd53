#include "crypto/p256.h"

#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "crypto/openssl_errors.h"

namespace wscast::crypto {
namespace {

constexpr std::uint8_t kUncompressed = 4;

using Context = std::unique_ptr<EVP_PKEY_CTX, FreePkey>;

}  // namespace

void FreePkey::operator()(EVP_PKEY* key) const noexcept {
  EVP_PKEY_free(key);
}

void FreePkey::operator()(EVP_PKEY_CTX* context) const noexcept {
  EVP_PKEY_CTX_free(context);
}

P256::P256() : generator_(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)) {
  const Context parameters(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* curve = nullptr;
  const bool good = generator_ != nullptr && parameters != nullptr &&
                    EVP_PKEY_keygen_init(generator_.get()) == 1 &&
                    EVP_PKEY_CTX_set_group_name(generator_.get(), "P-256") == 1 &&
                    EVP_PKEY_paramgen_init(parameters.get()) == 1 &&
                    EVP_PKEY_CTX_set_group_name(parameters.get(), "P-256") == 1 &&
                    EVP_PKEY_paramgen(parameters.get(), &curve) == 1;
  curve_.reset(curve);
  if (!cleared(good)) throw std::runtime_error("OpenSSL has no P-256, which encryption needs");
}

Pkey P256::generate() {
  EVP_PKEY* key = nullptr;
  cleared(EVP_PKEY_keygen(generator_.get(), &key) == 1);
  return Pkey(key);
}

std::optional<Point> P256::point_of(const Pkey& key) {
  Point point;
  std::size_t size = 0;
  const bool good = EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                                    point.data(), point.size(), &size) == 1;
  if (!cleared(good && size == point.size() && point[0] == kUncompressed)) return std::nullopt;
  return point;
}

Pkey P256::import_point(std::span<const std::uint8_t> point) {
  // OpenSSL accepts the hybrid form, which has as many bytes.
  if (point.size() != kPointBytes || point[0] != kUncompressed) return nullptr;
  Pkey key(EVP_PKEY_new());
  const bool good = key != nullptr && EVP_PKEY_copy_parameters(key.get(), curve_.get()) == 1 &&
                    EVP_PKEY_set1_encoded_public_key(key.get(), point.data(), point.size()) == 1;
  return cleared(good) ? std::move(key) : nullptr;
}

/// The curve's cofactor is 1, so a point on it needs no further check.
std::optional<Key256> P256::agree(const Pkey& own, const Pkey& peer) {
  const Context context(EVP_PKEY_CTX_new_from_pkey(nullptr, own.get(), nullptr));
  Key256 shared;
  std::size_t size = shared.bytes().size();
  const bool good = context != nullptr && EVP_PKEY_derive_init(context.get()) == 1 &&
                    EVP_PKEY_derive_set_peer_ex(context.get(), peer.get(), 0) == 1 &&
                    EVP_PKEY_derive(context.get(), shared.bytes().data(), &size) == 1;
  if (!cleared(good && size == shared.bytes().size())) return std::nullopt;
  return shared;
}

}  // namespace wscast::crypto
