#include "bench/encrypted_clients.h"

#include <array>
#include <cstdint>
#include <span>

#include "base/base64.h"
#include "crypto/hkdf.h"

namespace wscast::program {
namespace {

constexpr std::string_view kInfo = "ignis-ecdh-p256-aes-256-gcm-v1";
constexpr std::size_t kSaltBytes = 32;
constexpr std::string_view kBeforeIv = R"({"event":"encrypted","data":{"iv":")";
constexpr std::string_view kBeforeText = R"(","ct":")";
constexpr std::string_view kBehind = R"("}})";

template <std::size_t Size>
std::array<std::uint8_t, Size> decoded(std::string_view text) {
  std::array<std::uint8_t, Size> bytes;
  if (base64_decode(text, bytes) != Size) {
    throw EncryptionFailure("no base64 of " + std::to_string(Size) +
                            " bytes: " + std::string(text));
  }
  return bytes;
}

/// What stands between `before`, wherever it is, and the next quote.
std::string_view member(std::string_view message, std::string_view before) {
  const std::size_t begin = message.find(before);
  if (begin == std::string_view::npos) {
    throw EncryptionFailure("not encrypted: " + std::string(message.substr(0, 200)));
  }
  message.remove_prefix(begin + before.size());
  return message.substr(0, message.find('"'));
}

}  // namespace

EncryptedClients::EncryptedClients(std::size_t count) : own_(curve_.generate()), openers_(count) {
  const auto point = crypto::P256::point_of(own_);
  if (!point) throw EncryptionFailure("OpenSSL made no key pair");
  public_key_ = base64_encode(*point);
}

void EncryptedClients::agree(std::size_t index, std::string_view connected) {
  const auto point = decoded<crypto::kPointBytes>(member(connected, R"("serverPublicKey":")"));
  const auto salt = decoded<kSaltBytes>(member(connected, R"("salt":")"));
  const crypto::Pkey server = curve_.import_point(point);
  const auto shared = server == nullptr ? std::nullopt : crypto::P256::agree(own_, server);
  crypto::Key256 key;
  const std::span info(reinterpret_cast<const std::uint8_t*>(kInfo.data()), kInfo.size());
  if (!shared || !crypto::hkdf_sha256(shared->bytes(), salt, info, key.bytes())) {
    throw EncryptionFailure("no key with client " + std::to_string(index));
  }
  openers_.at(index).emplace(key);
}

std::string_view EncryptedClients::open(std::size_t index, std::string_view message) {
  const auto iv = member(message, kBeforeIv);
  const auto text = member(message, kBeforeText);
  if (message.size() !=
      kBeforeIv.size() + iv.size() + kBeforeText.size() + text.size() + kBehind.size()) {
    throw EncryptionFailure("more than it must be: " + std::string(message.substr(0, 200)));
  }
  sealed_.resize(base64_size(message.size()));
  const auto size = base64_decode(text, sealed_);
  if (!openers_.at(index) || size.value_or(0) < crypto::kTagBytes) {
    throw EncryptionFailure("no ciphertext: " + std::string(message.substr(0, 200)));
  }
  plain_.resize(*size - crypto::kTagBytes);
  if (!openers_[index]->open(decoded<crypto::kIvBytes>(iv), std::span(sealed_).first(*size),
                             {reinterpret_cast<std::uint8_t*>(plain_.data()), plain_.size()})) {
    throw EncryptionFailure("client " + std::to_string(index) + " cannot decrypt what it received");
  }
  return plain_;
}

}  // namespace wscast::program
