// A client's half of protocol.md S1 to S8 by wscast's own cryptography, driven as
// support/client_crypto.mjs lets the reference's be.

#include <algorithm>
#include <array>
#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "crypto/aes_gcm.h"
#include "crypto/hkdf.h"
#include "crypto/p256.h"

namespace {

using namespace wscast;
using json = nlohmann::ordered_json;

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::vector<std::uint8_t> decoded(const std::string& text) {
  std::vector<std::uint8_t> bytes(text.size());
  const auto size = base64_decode(text, bytes);
  if (!size) throw std::runtime_error("no base64: " + text);
  bytes.resize(*size);
  return bytes;
}

crypto::Key256 derived(const crypto::Key256& shared, const std::string& salt,
                       std::string_view info) {
  crypto::Key256 key;
  if (!crypto::hkdf_sha256(shared.bytes(), decoded(salt), bytes_of(info), key.bytes())) {
    throw std::runtime_error("no key");
  }
  return key;
}

class Client {
 public:
  explicit Client(crypto::P256& curve) : curve_(curve), own_(curve.generate()) {}

  std::string public_key() const { return base64_encode(crypto::P256::point_of(own_).value()); }

  void agree(const std::string& server_public_key, const std::string& salt) {
    const crypto::Pkey peer = curve_.import_point(decoded(server_public_key));
    if (peer == nullptr) throw std::runtime_error("no point: " + server_public_key);
    const crypto::Key256 shared = crypto::P256::agree(own_, peer).value();
    opener_.emplace(derived(shared, salt, "ignis-ecdh-p256-aes-256-gcm-v1"));
    sealer_.emplace(derived(shared, salt, "wscast-c2s-v1"));
  }

  std::string open(const std::string& iv_text, const std::string& sealed_text) {
    const auto sealed = decoded(sealed_text);
    const auto iv_bytes = decoded(iv_text);
    crypto::Iv iv;
    if (iv_bytes.size() != iv.size()) throw std::runtime_error("no IV: " + iv_text);
    std::ranges::copy(iv_bytes, iv.begin());
    std::string plain(sealed.size() - std::min(sealed.size(), crypto::kTagBytes), '\0');
    if (!opener_.value().open(iv, sealed,
                              {reinterpret_cast<std::uint8_t*>(plain.data()), plain.size()})) {
      throw std::runtime_error("cannot be decrypted");
    }
    return plain;
  }

  json seal(const std::string& text) {
    for (std::size_t at = iv_.size(); ++iv_[--at] == 0;) {
    }
    std::vector<std::uint8_t> sealed(text.size() + crypto::kTagBytes);
    if (!sealer_.value().seal(iv_, bytes_of(text), sealed)) throw std::runtime_error("not sealed");
    return {{"iv", base64_encode(iv_)}, {"ct", base64_encode(sealed)}};
  }

 private:
  crypto::P256& curve_;
  crypto::Pkey own_;
  std::optional<crypto::AesGcmOpener> opener_;
  std::optional<crypto::AesGcmSealer> sealer_;
  crypto::Iv iv_{};
};

std::map<std::string, Client> clients;

json call(crypto::P256& curve, const std::string& name, const json& with) {
  if (name == "offer") {
    Client client(curve);
    std::string key = client.public_key();
    clients.emplace(key, std::move(client));
    return {{"publicKey", key}};
  }
  Client& client = clients.at(with["publicKey"]);
  if (name == "agree") {
    client.agree(with["serverPublicKey"], with["salt"]);
    return json::object();
  }
  if (name == "open") return {{"text", client.open(with["iv"], with["ct"])}};
  if (name == "seal") return client.seal(with["text"]);
  throw std::runtime_error("no such call: " + name);
}

}  // namespace

int main() {
  crypto::P256 curve;
  std::cout << R"({"ready":""})" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    const json asked = json::parse(line);
    json said{{"n", asked["n"]}};
    try {
      said.update(call(curve, asked["call"], asked["with"]));
    } catch (const std::exception& error) {
      said["error"] = error.what();
    }
    std::cout << said.dump() << std::endl;
  }
}
