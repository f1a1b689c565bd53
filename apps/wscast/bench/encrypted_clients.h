#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/aes_gcm.h"
#include "crypto/p256.h"

namespace wscast::program {

/// The server did not encrypt as it must; what() says what it did.
struct EncryptionFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The clients' side of protocol.md S1 to S6. All have one key pair: it is not what is measured.
class EncryptedClients {
 public:
  explicit EncryptedClients(std::size_t count);

  /// The member of what `authenticate` sends that has the public key.
  std::string authenticate_member() const { return R"("publicKey":")" + public_key_ + '"'; }

  /// Takes the server's key and salt from `connected`; throws EncryptionFailure when they are no
  /// good.
  void agree(std::size_t index, std::string_view connected);

  /// The text inside an `encrypted` message, until the next call; throws EncryptionFailure for
  /// whatever is none, to the letter.
  std::string_view open(std::size_t index, std::string_view message);

 private:
  crypto::P256 curve_;
  crypto::Pkey own_;
  std::string public_key_;
  std::vector<std::optional<crypto::AesGcmOpener>> openers_;
  std::vector<std::uint8_t> sealed_;
  std::string plain_;
};

}  // namespace wscast::program
