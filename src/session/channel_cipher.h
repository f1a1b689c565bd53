#pragma once

#include <cstdint>
#include <memory>

#include "crypto/secret.h"

namespace wscast::session {

/// One key of one client, and the cipher that uses it: crypto::AesGcmSealer or AesGcmOpener, which
/// take a kilobyte each. A client that uses it often has a cipher of its own; any other has its
/// shard's, which is given the key each time, since most clients are idle. Shard thread only.
template <class Cipher>
class ChannelCipher {
 public:
  explicit ChannelCipher(const crypto::Key256& key) : key_(key) {}

  /// Returns a cipher with the key, for one message: the client's own, or `shared`. Throws
  /// std::runtime_error if OpenSSL fails.
  Cipher& get(Cipher& shared) {
    if (uses_ < kOften) ++uses_;
    if (!own_ && uses_ == kOften) own_ = std::make_unique<Cipher>(key_);
    if (own_) return *own_;
    shared.set_key(key_);
    return shared;
  }

  /// Frees the client's own cipher unless it was used often since the last call.
  void rest() noexcept {
    if (uses_ < kOften) own_.reset();
    uses_ = 0;
  }

 private:
  static constexpr std::uint8_t kOften = 4;

  const crypto::Key256 key_;
  std::unique_ptr<Cipher> own_;
  std::uint8_t uses_ = 0;  ///< Since rest(); not counted beyond kOften.
};

}  // namespace wscast::session
