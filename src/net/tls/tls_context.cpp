#include "net/tls/tls_context.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "net/tls/certificate_set.h"
#include "net/tls/ticket_keys.h"

namespace wscast::net {
namespace {

// https://wiki.mozilla.org/Security/Server_Side_TLS, "intermediate", version 5.7. The order is the
// client's choice: each of these is good, and a phone knows best which one is fast.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305";
constexpr const char* kCipherSuites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr const char* kDhGroup = "ffdhe2048";
constexpr int kSecurityLevel = 2;  // 112 bits: RSA and DH from 2,048 bits on.

constexpr std::string_view kAlpn = "\x08http/1.1";
constexpr std::string_view kSessionContext = "wscast";

HandshakeContext* handshake_of(SSL* connection) {
  return static_cast<HandshakeContext*>(SSL_get_app_data(connection));
}

int choose_certificate(SSL* connection, int* alert, void* /*argument*/) {
  const char* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  const HandshakeContext* handshake = handshake_of(connection);
  if (name == nullptr || handshake == nullptr) return SSL_TLSEXT_ERR_NOACK;
  try {
    SSL_CTX* chosen = handshake->certificates->choose(name);
    const bool is_set = chosen == SSL_get_SSL_CTX(connection);
    if (is_set || SSL_set_SSL_CTX(connection, chosen) != nullptr) return SSL_TLSEXT_ERR_OK;
  } catch (const std::exception&) {  // Must not pass through OpenSSL.
  }
  *alert = SSL_AD_INTERNAL_ERROR;
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// A client that offers protocols speaks HTTP/1.1, or none that is spoken here.
int choose_protocol(SSL* /*connection*/, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void* /*argument*/) {
  unsigned char* found = nullptr;
  const auto* ours = reinterpret_cast<const unsigned char*>(kAlpn.data());
  if (SSL_select_next_proto(&found, size, ours, kAlpn.size(), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

bool set_mac_key(EVP_MAC_CTX* mac, TicketKeys::Key& key) {
  char digest[] = "SHA256";  // NOLINT(*-c-arrays): OSSL_PARAM's are not const.
  const OSSL_PARAM parameters[] = {
      // NOLINT(*-c-arrays)
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

int encrypt_ticket(TicketKeys::Key key, unsigned char* name, unsigned char* iv,
                   EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
  std::ranges::copy(key.name, name);
  if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
  const bool ready =
      EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv) == 1 &&
      set_mac_key(mac, key);
  OPENSSL_cleanse(&key, sizeof key);
  return ready ? 1 : -1;
}

/// 0: the ticket is no good, there will be a full handshake. 2: it is, and gets a successor.
int decrypt_ticket(std::optional<TicketKeys::Found> found, const unsigned char* iv,
                   EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
  if (!found) return 0;
  const bool ready =
      EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, found->key.cipher.data(), iv) == 1 &&
      set_mac_key(mac, found->key);
  OPENSSL_cleanse(&found->key, sizeof found->key);
  if (!ready) return -1;
  return found->renew ? 2 : 1;
}

int use_ticket_key(SSL* connection, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                   EVP_MAC_CTX* mac, int encrypt) {
  const HandshakeContext* handshake = handshake_of(connection);
  if (handshake == nullptr) return -1;
  try {
    TicketKeys& keys = *handshake->tickets;
    if (encrypt == 1) return encrypt_ticket(keys.current(), name, iv, cipher, mac);
    const std::span<const std::uint8_t, TicketKeys::kNameBytes> named(name, TicketKeys::kNameBytes);
    return decrypt_ticket(keys.find(named), iv, cipher, mac);
  } catch (const std::exception&) {  // Must not pass through OpenSSL.
    return -1;
  }
}

bool set_dh_group(SSL_CTX* context) {
  const PkeyContextPointer maker(EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
  EVP_PKEY* parameters = nullptr;
  if (maker == nullptr || EVP_PKEY_paramgen_init(maker.get()) != 1 ||
      EVP_PKEY_CTX_set_group_name(maker.get(), kDhGroup) != 1 ||
      EVP_PKEY_paramgen(maker.get(), &parameters) != 1) {
    return false;
  }
  if (SSL_CTX_set0_tmp_dh_pkey(context, parameters) == 1) return true;
  EVP_PKEY_free(parameters);
  return false;
}

bool set_algorithms(SSL_CTX* context, TlsVersion min_version) {
  const int lowest = min_version == TlsVersion::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
  SSL_CTX_set_security_level(context, kSecurityLevel);
  return SSL_CTX_set_min_proto_version(context, lowest) == 1 &&
         SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, kCiphers) == 1 &&
         SSL_CTX_set_ciphersuites(context, kCipherSuites) == 1 &&
         SSL_CTX_set1_groups_list(context, kGroups) == 1 && set_dh_group(context);
}

/// Tickets alone: no session stays in memory, and nothing is accepted before the handshake's end.
bool set_resumption(SSL_CTX* context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context, std::chrono::seconds(TicketKeys::kTicketLife).count());
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_max_early_data(context, 0);
  const auto* id = reinterpret_cast<const unsigned char*>(kSessionContext.data());
  return SSL_CTX_set_session_id_context(context, id, kSessionContext.size()) == 1 &&
         SSL_CTX_set_tlsext_ticket_key_evp_cb(context, use_ticket_key) == 1;
}

}  // namespace

SslContextPointer make_tls_context(TlsVersion min_version) {
  SslContextPointer made(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = made.get();
  if (context == nullptr || !set_algorithms(context, min_version) || !set_resumption(context)) {
    throw std::runtime_error("TLS cannot be set up: " + take_openssl_error());
  }
  SSL_CTX_clear_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 0);
  SSL_CTX_set_tlsext_servername_callback(context, choose_certificate);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  return made;
}

void attach(SSL* connection, HandshakeContext* handshake) {
  SSL_set_app_data(connection, handshake);
}

}  // namespace wscast::net
