#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/aes_gcm.h"
#include "crypto/iv_source.h"
#include "crypto/key_agreement.h"
#include "session/channel_cipher.h"
#include "ws/frame.h"

namespace wscast::session {

/// Shared by the channels of one shard: key agreement, IVs, ciphers, scratch memory (protocol.md S1
/// to S8).
/// Shard thread only.
class ChannelContext {
 public:
  /// Throws std::runtime_error when OpenSSL lacks an algorithm.
  ChannelContext(std::string info, Random& random)
      : agreement_(std::move(info), random),
        ivs_(random),
        sealer_(crypto::Key256()),
        opener_(crypto::Key256()) {}

  /// Agrees on keys with the client that sent `data`, a JSON text, in its `authenticate` (S4).
  /// `std::nullopt` refuses it (S7).
  std::optional<crypto::Agreement> agree(std::string_view data);

 private:
  friend class EncryptedChannel;

  crypto::KeyAgreement agreement_;
  crypto::IvSource ivs_;
  crypto::AesGcmSealer sealer_;  ///< For channels that are used rarely, as the opener.
  crypto::AesGcmOpener opener_;
  std::vector<std::uint8_t> scratch_;  ///< A ciphertext on its way into or out of base64.
};

/// Encrypts to one client and decrypts from it (protocol.md S3, S6, S8). Shard thread only.
class EncryptedChannel {
 public:
  /// `context` must outlive it.
  EncryptedChannel(ChannelContext& context, const crypto::Agreement& agreement);

  /// Returns the message to send instead of `plain`. Empty when OpenSSL fails; throws nothing.
  ws::FrameRef seal(const ws::FrameRef& plain) noexcept;

  /// Decrypts the data of an `encrypted` message from the client. Returns the text inside,
  /// unchecked; `std::nullopt` if the client's own key did not make it, or if it came before.
  std::optional<std::string> open(std::string_view data);

  /// The same without recording it: it may still be opened.
  std::optional<std::string> peek(std::string_view data);

  /// Frees what is only worth its memory while messages are many. Call it regularly.
  void rest() noexcept;

 private:
  struct Opened {
    std::string plain;
    crypto::Iv iv;
  };

  std::optional<Opened> decrypt(std::string_view data);
  bool follows(const crypto::Iv& iv) const;

  ChannelContext& context_;
  ChannelCipher<crypto::AesGcmSealer> sealer_;
  ChannelCipher<crypto::AesGcmOpener> opener_;
  std::optional<crypto::Iv> last_iv_;  ///< The client's last.
};

}  // namespace wscast::session
