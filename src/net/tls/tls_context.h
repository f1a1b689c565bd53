#pragma once

#include "wscast/tls_options.h"

#include "net/tls/openssl.h"

namespace wscast::net {

class CertificateSet;
class TicketKeys;

/// What OpenSSL's callbacks need of the handshake that calls them; see attach().
struct HandshakeContext {
  const CertificateSet* certificates = nullptr;
  TicketKeys* tickets = nullptr;
};

/// Makes a context with the settings of Mozilla's "intermediate" recommendation, without a
/// certificate. Throws std::runtime_error when OpenSSL fails.
SslContextPointer make_tls_context(TlsVersion min_version);

/// Lets the callbacks of a connection find `handshake`, which must live until the handshake ends.
void attach(SSL* connection, HandshakeContext* handshake);

}  // namespace wscast::net
