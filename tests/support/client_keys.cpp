#include "support/client_keys.h"

#include <algorithm>
#include <array>
#include <vector>

#include "wscast/json_fields.h"

#include "base/base64.h"
#include "crypto/hkdf.h"

namespace wscast {
namespace {

std::span<const std::uint8_t> octets(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The bytes of a base64 member of a message's data.
std::vector<std::uint8_t> bytes_in(std::string_view message, std::string_view name) {
  const auto fields = JsonFields::of(Json::text(message));
  const auto data = fields ? JsonFields::of(fields->raw("data")) : std::nullopt;
  const std::string text = data ? data->string(name).value_or("") : "";
  std::vector<std::uint8_t> bytes(text.size());
  bytes.resize(base64_decode(text, bytes).value_or(0));
  return bytes;
}

}  // namespace

std::string ClientKeys::public_key() const {
  return base64_encode(crypto::P256::point_of(own_).value());
}

bool ClientKeys::agree(std::string_view connected) {
  const auto peer = curve_.import_point(bytes_in(connected, "serverPublicKey"));
  const auto salt = bytes_in(connected, "salt");
  if (peer == nullptr || salt.size() != 32) return false;
  const auto shared = crypto::P256::agree(own_, peer).value();
  crypto::Key256 to_client;
  crypto::Key256 to_server;
  const bool good =
      crypto::hkdf_sha256(shared.bytes(), salt, octets("ignis-ecdh-p256-aes-256-gcm-v1"),
                          to_client.bytes()) &&
      crypto::hkdf_sha256(shared.bytes(), salt, octets("wscast-c2s-v1"), to_server.bytes());
  opener_.emplace(to_client);
  sealer_.emplace(to_server);
  return good;
}

std::optional<std::string> ClientKeys::open(std::string_view message) {
  const auto iv_bytes = bytes_in(message, "iv");
  const auto sealed = bytes_in(message, "ct");
  crypto::Iv iv{};
  const bool fits = iv_bytes.size() == iv.size() && sealed.size() >= crypto::kTagBytes;
  if (!opener_ || !fits || !message.starts_with(R"({"event":"encrypted")")) return std::nullopt;
  std::ranges::copy(iv_bytes, iv.begin());
  std::string plain(sealed.size() - crypto::kTagBytes, '\0');
  if (!opener_->open(iv, sealed, {reinterpret_cast<std::uint8_t*>(plain.data()), plain.size()})) {
    return std::nullopt;
  }
  return plain;
}

std::string ClientKeys::seal(std::string_view plain) {
  crypto::Iv iv{};
  ++sent_;
  for (std::size_t i = 0; i < 4; ++i) iv[11 - i] = static_cast<std::uint8_t>(sent_ >> (8 * i));
  std::vector<std::uint8_t> sealed(plain.size() + crypto::kTagBytes);
  sealer_->seal(iv, octets(plain), sealed);
  return R"({"event":"encrypted","data":{"iv":")" + base64_encode(iv) + R"(","ct":")" +
         base64_encode(sealed) + R"("}})";
}

}  // namespace wscast
