#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/aes_gcm.h"
#include "crypto/p256.h"

namespace wscast {

/// The client's end of the ready-made encryption (protocol.md S1 to S8). One thread.
class ClientKeys {
 public:
  ClientKeys() : own_(curve_.generate()) {}

  /// For `authenticate`: base64 of the raw point.
  std::string public_key() const;

  /// Reads the server's half out of `connected`. False: it is not there.
  bool agree(std::string_view connected);

  /// The message inside an `encrypted` message; nothing when it is none of this client's.
  std::optional<std::string> open(std::string_view message);

  /// The `encrypted` message with `plain`, a message, inside.
  std::string seal(std::string_view plain);

 private:
  crypto::P256 curve_;
  crypto::Pkey own_;
  std::optional<crypto::AesGcmOpener> opener_;
  std::optional<crypto::AesGcmSealer> sealer_;
  std::uint32_t sent_ = 0;
};

}  // namespace wscast
