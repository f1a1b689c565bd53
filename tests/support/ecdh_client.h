#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/evp.h>

namespace wscast {

/// The client's side of the ready-made encryption (protocol.md S1 to S8), written on OpenSSL alone
/// so that it shares no mistake with src/crypto.
class EcdhClient {
 public:
  using Key = std::array<std::uint8_t, 32>;
  using Iv = std::array<std::uint8_t, 12>;

  EcdhClient();

  /// As `publicKey` in `authenticate` has it.
  const std::string& public_key() const { return public_key_; }

  /// `{"publicKey":...}`
  std::string authenticate_data() const { return R"({"publicKey":")" + public_key_ + R"("})"; }

  /// Derives the keys from what the server told. Throws when that is no key.
  void learn(std::string_view server_public_key, std::string_view salt,
             std::string_view info = kInfo);

  /// The same, from the `connected` message. False: there are no keys in it.
  bool learn_from(std::string_view connected, std::string_view info = kInfo);

  /// What is inside an `encrypted` message to this client; nothing for anything else (S6).
  std::optional<std::string> open(std::string_view message) const;

  /// An `encrypted` message to the server, with the next IV (S8).
  std::string seal(std::string_view plain);
  std::string seal(std::string_view plain, const Iv& iv) const;

  /// Ciphertext and tag.
  std::vector<std::uint8_t> ciphertext(std::string_view plain,
                                       std::span<const std::uint8_t> iv) const;

  /// The IV with this counter, fixed bytes before it.
  Iv iv(std::uint64_t number) const;

  static constexpr std::string_view kInfo = "ignis-ecdh-p256-aes-256-gcm-v1";

  Key to_client{};
  Key to_server{};
  std::array<std::uint8_t, 4> fixed_iv{0xff, 0xff, 0xff, 1};  ///< Its base64 has slashes.
  std::uint64_t counter = 0;                                  ///< Of the last IV.

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };

  std::unique_ptr<EVP_PKEY, Free> own_;
  std::string public_key_;
};

/// `{"event":"encrypted","data":{"iv":...,"ct":...}}`
std::string encrypted_message(std::string_view iv, std::string_view ct);

}  // namespace wscast
