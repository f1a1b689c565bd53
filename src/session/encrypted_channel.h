#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/aes_gcm.h"
#include "crypto/iv_source.h"
#include "crypto/key_agreement.h"
#include "ws/frame.h"

namespace wscast::session {

/// What the channels of one shard share of the ready-made encryption (protocol.md S1 to S8). Shard
/// thread only.
class ChannelContext {
 public:
  /// Throws std::runtime_error when OpenSSL lacks what it takes.
  ChannelContext(std::string info, Random& random)
      : agreement_(std::move(info), random), ivs_(random) {}

  /// Agrees on keys with the client whose `authenticate` had this data, a JSON text (S4). Nothing:
  /// it is refused (S7).
  std::optional<crypto::Agreement> agree(std::string_view data);

 private:
  friend class EncryptedChannel;

  crypto::KeyAgreement agreement_;
  crypto::IvSource ivs_;
  std::vector<std::uint8_t> scratch_;  ///< A ciphertext on its way into or out of base64.
};

/// One client's two keys at work (protocol.md S3, S6, S8). Shard thread only.
class EncryptedChannel {
 public:
  /// `context` must outlive it. Throws std::runtime_error when OpenSSL fails.
  EncryptedChannel(ChannelContext& context, const crypto::Agreement& agreement);

  /// The message to send instead of this one. Empty when OpenSSL fails; throws nothing.
  ws::FrameRef seal(const ws::FrameRef& plain) noexcept;

  /// The text inside what the client sent as the data of an `encrypted` message, not looked at yet.
  /// Nothing when it is not what this client's own key made, or when it came before.
  std::optional<std::string> open(std::string_view data);

  /// The same without taking note of it: it may still be opened.
  std::optional<std::string> peek(std::string_view data);

 private:
  struct Opened {
    std::string plain;
    crypto::Iv iv;
  };

  std::optional<Opened> decrypt(std::string_view data);
  bool follows(const crypto::Iv& iv) const;

  ChannelContext& context_;
  crypto::AesGcmSealer sealer_;
  crypto::Key256 from_client_;
  std::optional<crypto::AesGcmOpener> opener_;  ///< Many clients never need one.
  std::optional<crypto::Iv> last_iv_;           ///< Of what the client sent.
};

}  // namespace wscast::session
