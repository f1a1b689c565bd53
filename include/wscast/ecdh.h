#pragma once

#include <string>
#include <utility>

#include "wscast/options.h"

namespace wscast {

/// The ready-made encryption of clients: ECDH on P-256, HKDF-SHA-256 and AES-256-GCM, as browsers'
/// Web Crypto and the reference's `ECDH` class have them (protocol.md S1 to S8). A client sends its
/// raw public key in base64 as `publicKey` of `authenticate`; `connected` carries `serverPublicKey`
/// and `salt`. From then on the client receives every message inside an `encrypted` message, and
/// may send its own so.
struct EcdhScheme {
  /// Which clients are encrypted: all, or with `optional` those that send a `publicKey`. A client
  /// that sends an invalid key, or with `required` none, is closed with 4004. Must not be off.
  Encryption clients = Encryption::required;

  /// The info of HKDF, in UTF-8; clients must use the same.
  std::string info = "ignis-ecdh-p256-aes-256-gcm-v1";
};

/// The scheme, as ServerOptions has it: `options.encryption = wscast::ecdh();`
inline EcdhScheme ecdh(EcdhScheme scheme = {}) {
  return scheme;
}

}  // namespace wscast
