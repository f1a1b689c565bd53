#include "support/tls_peer.h"

#include <array>
#include <stdexcept>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/clock.h"
#include "base/random.h"

namespace wscast::test {

std::shared_ptr<net::TlsLayer> self_signed_layer(TlsOptions options) {
  options.self_signed = true;
  std::vector<std::string> faults;
  auto layer = net::TlsLayer::make(
      options, std::make_shared<net::TlsShared>(system_clock(), system_random()), faults);
  if (layer == nullptr) throw std::runtime_error(faults.front());
  return layer;
}

TlsPeer::TlsPeer(const Wish& wish) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  ssl_ = SSL_new(context);
  SSL_CTX_free(context);  // The connection keeps it.
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(ssl_);
  if (!wish.name.empty()) SSL_set_tlsext_host_name(ssl_, wish.name.c_str());
  if (!wish.alpn.empty()) {
    const std::string offer = static_cast<char>(wish.alpn.size()) + wish.alpn;
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(offer.data()),
                        static_cast<unsigned>(offer.size()));
  }
  if (wish.tls_1_2) SSL_set_max_proto_version(ssl_, TLS1_2_VERSION);
  if (wish.rsa_only) SSL_set1_sigalgs_list(ssl_, "RSA-PSS+SHA256:RSA+SHA256");
  advance();
}

TlsPeer::~TlsPeer() {
  SSL_free(ssl_);
}

void TlsPeer::receive(std::string_view ciphertext) {
  BIO_write(SSL_get_rbio(ssl_), ciphertext.data(), static_cast<int>(ciphertext.size()));
  advance();
}

void TlsPeer::advance() {
  std::array<char, 16 * 1024> bytes{};
  int got = 0;
  ERR_clear_error();
  while ((got = SSL_read(ssl_, bytes.data(), bytes.size())) > 0) {
    received_.append(bytes.data(), static_cast<std::size_t>(got));
  }
  const int status = SSL_get_error(ssl_, got);
  closed_ = closed_ || status == SSL_ERROR_ZERO_RETURN;
  failed_ = failed_ || status == SSL_ERROR_SSL;
  ERR_clear_error();
}

void TlsPeer::send(std::string_view plaintext) {
  if (plaintext.empty()) return;
  ERR_clear_error();
  if (SSL_write(ssl_, plaintext.data(), static_cast<int>(plaintext.size())) <= 0) failed_ = true;
}

void TlsPeer::close() {
  SSL_shutdown(ssl_);
}

void TlsPeer::update_keys() {
  SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED);
  SSL_do_handshake(ssl_);
}

std::string TlsPeer::take_output() {
  std::string bytes(static_cast<std::size_t>(BIO_pending(SSL_get_wbio(ssl_))), '\0');
  if (!bytes.empty()) BIO_read(SSL_get_wbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

bool TlsPeer::established() const {
  return SSL_is_init_finished(ssl_) == 1;
}

std::string TlsPeer::server_name() const {
  const X509* certificate = SSL_get0_peer_certificate(ssl_);
  std::array<char, 256> name{};
  if (certificate == nullptr) return {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                            name.size());
  return name.data();
}

}  // namespace wscast::test
