#pragma once

#include <string>
#include <utility>

#include "wscast/options.h"

namespace wscast {

/// The ready-made encryption of clients: ECDH on P-256, HKDF-SHA-256, AES-256-GCM, which browsers'
/// Web Crypto and the reference's `ECDH` class speak (protocol.md S1 to S8). A client sends the
/// base64 of its raw public key as `publicKey` in `authenticate`; `connected` answers with
/// `serverPublicKey` and `salt`; from then on it receives everything as `encrypted` messages, and
/// may send them.
struct EcdhScheme {
  /// Which clients: with `optional` those whose `authenticate` data has a `publicKey`.
  Encryption clients = Encryption::required;

  /// HKDF's info, which both ends must agree on.
  std::string info = "ignis-ecdh-p256-aes-256-gcm-v1";
};

/// `options.encryption = wscast::ecdh();`
inline EcdhScheme ecdh(EcdhScheme scheme = {}) {
  return scheme;
}

}  // namespace wscast
