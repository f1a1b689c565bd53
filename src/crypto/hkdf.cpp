#include "crypto/hkdf.h"

#include <array>
#include <memory>

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "crypto/openssl_errors.h"

namespace wscast::crypto {
namespace {

struct FreeKdf {
  void operator()(EVP_KDF* kdf) const noexcept { EVP_KDF_free(kdf); }
  void operator()(EVP_KDF_CTX* context) const noexcept { EVP_KDF_CTX_free(context); }
};

/// OpenSSL rejects a null pointer even for zero bytes.
OSSL_PARAM octets(const char* name, std::span<const std::uint8_t> bytes) {
  static std::uint8_t nothing = 0;
  auto* place = bytes.empty() ? &nothing : const_cast<std::uint8_t*>(bytes.data());
  return OSSL_PARAM_construct_octet_string(name, place, bytes.size());
}

}  // namespace

bool hkdf_sha256(std::span<const std::uint8_t> material, std::span<const std::uint8_t> salt,
                 std::span<const std::uint8_t> info, std::span<std::uint8_t> out) {
  static const std::unique_ptr<EVP_KDF, FreeKdf> hkdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const std::unique_ptr<EVP_KDF_CTX, FreeKdf> context(EVP_KDF_CTX_new(hkdf.get()));
  char digest[] = "SHA256";
  const std::array<OSSL_PARAM, 5> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      octets(OSSL_KDF_PARAM_KEY, material), octets(OSSL_KDF_PARAM_SALT, salt),
      octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  return cleared(context != nullptr &&
                 EVP_KDF_derive(context.get(), out.data(), out.size(), parameters.data()) == 1);
}

}  // namespace wscast::crypto
