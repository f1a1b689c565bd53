#include "crypto/aes_gcm.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include <openssl/evp.h>

#include "crypto/openssl_errors.h"

namespace wscast::crypto {
namespace {

constexpr std::size_t kMaxBytes = std::numeric_limits<int>::max();  // OpenSSL counts in int.

CipherContext make_context(const Key256& key, int encrypts) {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  CipherContext context(EVP_CIPHER_CTX_new());
  if (!cleared(context != nullptr && EVP_CipherInit_ex2(context.get(), cipher, key.bytes().data(),
                                                        nullptr, encrypts, nullptr) == 1)) {
    throw std::runtime_error("OpenSSL has no AES-256-GCM, which encryption needs");
  }
  return context;
}

void change_key(EVP_CIPHER_CTX* context, const Key256& key) {
  if (cleared(EVP_CipherInit_ex2(context, nullptr, key.bytes().data(), nullptr, -1, nullptr) ==
              1)) {
    return;
  }
  throw std::runtime_error("OpenSSL refuses a key of AES-256-GCM");
}

/// Processes the message; the final step of GCM writes no bytes.
bool run(EVP_CIPHER_CTX* context, std::span<const std::uint8_t> in, std::uint8_t* out) {
  int written = 0;
  return EVP_CipherUpdate(context, out, &written, in.data(), static_cast<int>(in.size())) == 1 &&
         EVP_CipherFinal_ex(context, out + written, &written) == 1;
}

}  // namespace

void FreeCipher::operator()(EVP_CIPHER_CTX* context) const noexcept {
  EVP_CIPHER_CTX_free(context);
}

AesGcmSealer::AesGcmSealer(const Key256& key) : context_(make_context(key, 1)) {}

void AesGcmSealer::set_key(const Key256& key) {
  change_key(context_.get(), key);
}

bool AesGcmSealer::seal(const Iv& iv, std::span<const std::uint8_t> plain,
                        std::span<std::uint8_t> out) {
  if (plain.size() > kMaxBytes || out.size() != plain.size() + kTagBytes) return false;
  EVP_CIPHER_CTX* context = context_.get();
  return cleared(EVP_CipherInit_ex2(context, nullptr, nullptr, iv.data(), -1, nullptr) == 1 &&
                 run(context, plain, out.data()) &&
                 EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                                     out.data() + plain.size()) == 1);
}

AesGcmOpener::AesGcmOpener(const Key256& key) : context_(make_context(key, 0)) {}

void AesGcmOpener::set_key(const Key256& key) {
  change_key(context_.get(), key);
}

bool AesGcmOpener::open(const Iv& iv, std::span<const std::uint8_t> sealed,
                        std::span<std::uint8_t> out) {
  if (sealed.size() < kTagBytes || sealed.size() > kMaxBytes) return false;
  const auto text = sealed.first(sealed.size() - kTagBytes);
  if (out.size() != text.size()) return false;
  EVP_CIPHER_CTX* context = context_.get();
  std::array<std::uint8_t, kTagBytes> tag;
  std::copy_n(sealed.end() - kTagBytes, kTagBytes, tag.begin());
  return cleared(EVP_CipherInit_ex2(context, nullptr, nullptr, iv.data(), -1, nullptr) == 1 &&
                 EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
                 run(context, text, out.data()));
}

}  // namespace wscast::crypto
