#include "support/ecdh_client.h"

#include <algorithm>
#include <stdexcept>

#include <openssl/ec.h>
#include <openssl/hmac.h>

#include "base/base64.h"

namespace wscast {
namespace {

constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kPointBytes = 65;

using Bytes = std::vector<std::uint8_t>;

void require(bool holds) {
  if (!holds) throw std::runtime_error("the client's side of the encryption failed");
}

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

Bytes decoded(std::string_view base64, std::size_t size) {
  Bytes bytes(size);
  require(base64_decode(base64, bytes) == size);
  return bytes;
}

EcdhClient::Key hmac(std::span<const std::uint8_t> key, std::span<const std::uint8_t> text) {
  EcdhClient::Key out;
  require(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), text.data(), text.size(),
               out.data(), nullptr) != nullptr);
  return out;
}

/// RFC 5869 with one block of output.
EcdhClient::Key hkdf(std::span<const std::uint8_t> material, std::span<const std::uint8_t> salt,
                     std::string_view info) {
  Bytes block = bytes_of(info);
  block.push_back(1);
  return hmac(hmac(salt, material), block);
}

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

/// The text between two others; nothing when it is not there.
std::optional<std::string_view> between(std::string_view text, std::string_view before,
                                        std::string_view behind) {
  const auto at = text.find(before);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + before.size());
  const auto end = text.find(behind);
  if (end == std::string_view::npos) return std::nullopt;
  return text.substr(0, end);
}

}  // namespace

EcdhClient::EcdhClient() : own_(EVP_EC_gen("P-256")) {
  std::array<std::uint8_t, kPointBytes> point;
  std::size_t size = 0;
  require(EVP_PKEY_get_octet_string_param(own_.get(), "pub", point.data(), point.size(), &size) ==
              1 &&
          size == point.size());
  public_key_ = base64_encode(point);
}

void EcdhClient::learn(std::string_view server_public_key, std::string_view salt,
                       std::string_view info) {
  const Bytes point = decoded(server_public_key, kPointBytes);
  const std::unique_ptr<EVP_PKEY, Free> peer(EVP_PKEY_new());
  require(EVP_PKEY_copy_parameters(peer.get(), own_.get()) == 1 &&
          EVP_PKEY_set1_encoded_public_key(peer.get(), point.data(), point.size()) == 1);
  const std::unique_ptr<EVP_PKEY_CTX, FreeContext> context(EVP_PKEY_CTX_new(own_.get(), nullptr));
  Bytes shared(32);
  std::size_t size = shared.size();
  require(EVP_PKEY_derive_init(context.get()) == 1 &&
          EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
          EVP_PKEY_derive(context.get(), shared.data(), &size) == 1 && size == shared.size());
  const Bytes salted = decoded(salt, 32);
  to_client = hkdf(shared, salted, info);
  to_server = hkdf(shared, salted, "wscast-c2s-v1");
}

bool EcdhClient::learn_from(std::string_view connected, std::string_view info) {
  const auto key = between(connected, R"("serverPublicKey":")", "\"");
  const auto salt = between(connected, R"("salt":")", "\"");
  if (!key || !salt) return false;
  learn(*key, *salt, info);
  return true;
}

std::optional<std::string> EcdhClient::open(std::string_view message) const {
  const auto iv_text = between(message, R"({"event":"encrypted","data":{"iv":")", "\"");
  const auto text = between(message, R"("ct":")", "\"");
  if (!iv_text || !text || encrypted_message(*iv_text, *text) != message) return std::nullopt;
  Iv iv;
  Bytes sealed(text->size());
  const auto size = base64_decode(*text, sealed);
  if (base64_decode(*iv_text, iv) != iv.size() || !size || *size < kTagBytes) return std::nullopt;
  const std::size_t plain_size = *size - kTagBytes;
  std::string plain(plain_size, '\0');
  int written = 0;
  const Cipher cipher(EVP_CIPHER_CTX_new());
  auto* out = reinterpret_cast<std::uint8_t*>(plain.data());
  const bool good =
      EVP_DecryptInit(cipher.get(), EVP_aes_256_gcm(), to_client.data(), iv.data()) == 1 &&
      EVP_DecryptUpdate(cipher.get(), out, &written, sealed.data(), static_cast<int>(plain_size)) ==
          1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes,
                          sealed.data() + plain_size) == 1 &&
      EVP_DecryptFinal(cipher.get(), out + written, &written) == 1;
  return good ? std::optional(plain) : std::nullopt;
}

std::string EcdhClient::seal(std::string_view plain) {
  return seal(plain, iv(++counter));
}

std::string EcdhClient::seal(std::string_view plain, const Iv& iv) const {
  return encrypted_message(base64_encode(iv), base64_encode(ciphertext(plain, iv)));
}

Bytes EcdhClient::ciphertext(std::string_view plain, std::span<const std::uint8_t> iv) const {
  Bytes sealed(plain.size() + kTagBytes);
  const Bytes in = bytes_of(plain);
  int written = 0;
  const Cipher cipher(EVP_CIPHER_CTX_new());
  require(EVP_EncryptInit(cipher.get(), EVP_aes_256_gcm(), nullptr, nullptr) == 1 &&
          EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_IVLEN, static_cast<int>(iv.size()),
                              nullptr) == 1 &&
          EVP_EncryptInit(cipher.get(), nullptr, to_server.data(), iv.data()) == 1 &&
          EVP_EncryptUpdate(cipher.get(), sealed.data(), &written, in.data(),
                            static_cast<int>(in.size())) == 1 &&
          EVP_EncryptFinal(cipher.get(), sealed.data() + written, &written) == 1 &&
          EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                              sealed.data() + plain.size()) == 1);
  return sealed;
}

EcdhClient::Iv EcdhClient::iv(std::uint64_t number) const {
  Iv iv;
  std::ranges::copy(fixed_iv, iv.begin());
  for (std::size_t i = 0; i < 8; ++i) {
    iv[4 + i] = static_cast<std::uint8_t>(number >> (8 * (7 - i)));
  }
  return iv;
}

std::string encrypted_message(std::string_view iv, std::string_view ct) {
  return R"({"event":"encrypted","data":{"iv":")" + std::string(iv) + R"(","ct":")" +
         std::string(ct) + R"("}})";
}

}  // namespace wscast
