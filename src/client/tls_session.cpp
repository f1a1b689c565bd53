#include "client/tls_session.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/openssl_bio.h"

namespace wscast::client {
namespace {

// In the order of browsers; OpenSSL's own begins with AES-256.
constexpr const char* kCipherSuites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

constexpr std::size_t kRecordRoom = std::size_t{17} * 1024;

bool is_address(const std::string& host) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

std::string take_error() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

}  // namespace

struct TlsClient::State {
  SSL_CTX* context = nullptr;
  SSL_SESSION* ticket = nullptr;

  /// OpenSSL passes the ownership of `session`.
  static int keep(SSL* ssl, SSL_SESSION* session) {
    auto* state = static_cast<State*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    SSL_SESSION_free(state->ticket);
    state->ticket = session;
    return 1;
  }
};

TlsClient::TlsClient(TlsSettings settings)
    : settings_(std::move(settings)), state_(std::make_unique<State>()) {
  SSL_CTX* context = state_->context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_app_data(context, state_.get());
  SSL_CTX_set_ciphersuites(context, kCipherSuites);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  if (settings_.tls_1_2) SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, State::keep);
  if (settings_.ca_file.empty() && !settings_.verify) return;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (settings_.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return;
  }
  if (SSL_CTX_load_verify_file(context, settings_.ca_file.c_str()) != 1) {
    SSL_CTX_free(context);
    throw std::runtime_error("cannot use " + settings_.ca_file + ": " + take_error());
  }
}

TlsClient::~TlsClient() {
  SSL_SESSION_free(state_->ticket);
  SSL_CTX_free(state_->context);
}

TlsSession::TlsSession(TlsClient& client, int fd, const std::string& host)
    : client_(client), fd_(fd), ssl_(SSL_new(client.state_->context)) {
  const TlsSettings& settings = client_.settings_;
  const std::string& name = settings.name.empty() ? host : settings.name;
  BIO* bio = OpensslBio<TlsSession>::make(*this);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_connect_state(ssl_);
  if (is_address(name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), name.c_str());
  } else if (!name.empty()) {
    SSL_set1_host(ssl_, name.c_str());
    SSL_set_tlsext_host_name(ssl_, name.c_str());
  }
  if (!settings.alpn.empty()) {
    const std::string offer = static_cast<char>(settings.alpn.size()) + settings.alpn;
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(offer.data()),
                        static_cast<unsigned>(offer.size()));
  }
  if (client_.resumes_ && client_.state_->ticket != nullptr) {
    SSL_set_session(ssl_, client_.state_->ticket);
  }
}

TlsSession::~TlsSession() {
  SSL_free(ssl_);
}

ssize_t TlsSession::read(std::span<std::uint8_t> into) {
  if (into.size() <= kRecordRoom) {
    errno = EINVAL;
    return -1;
  }
  const auto room = into.subspan(kRecordRoom);
  const ssize_t received = ::recv(fd_, room.data(), room.size(), 0);
  if (received == 0) return 0;
  // Without input the handshake may still have something to send first.
  if (received < 0 && (errno != EAGAIN || established())) return received;
  input_ = room.first(static_cast<std::size_t>(std::max<ssize_t>(received, 0)));
  std::size_t got = 0;
  while (true) {
    std::size_t size = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_, into.data() + got, into.size() - got, &size);
    got += size;
    if (result == 1) continue;
    input_ = {};
    return got > 0 ? static_cast<ssize_t>(got) : finish(result, 0);
  }
}

ssize_t TlsSession::write(std::span<const char> bytes) {
  std::size_t written = 0;
  ERR_clear_error();
  const int result = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &written);
  return finish(result, written);
}

/// Must not raise SIGPIPE.
BioSent TlsSession::send_record(std::span<const char> bytes) noexcept {
  const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return {static_cast<int>(sent), sent < 0 && (errno == EAGAIN || errno == EINTR)};
}

ssize_t TlsSession::finish(int result, std::size_t moved) {
  if (result == 1) return static_cast<ssize_t>(moved);
  const int status = SSL_get_error(ssl_, result);
  if (status == SSL_ERROR_ZERO_RETURN) return 0;
  if (status == SSL_ERROR_WANT_READ || status == SSL_ERROR_WANT_WRITE) {
    errno = EAGAIN;
    return -1;
  }
  failure_ = take_error();
  const auto verdict = SSL_get_verify_result(ssl_);
  if (verdict != X509_V_OK) failure_ = X509_verify_cert_error_string(verdict);
  errno = ECONNRESET;
  return -1;
}

void TlsSession::shutdown_write() {
  ERR_clear_error();
  SSL_shutdown(ssl_);
}

bool TlsSession::established() const {
  return SSL_is_init_finished(ssl_) == 1;
}

bool TlsSession::resumed() const {
  return SSL_session_reused(ssl_) == 1;
}

std::string TlsSession::version() const {
  return SSL_get_version(ssl_);
}

std::string TlsSession::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string TlsSession::server_name() const {
  const X509* certificate = SSL_get0_peer_certificate(ssl_);
  std::array<char, 256> name{};
  if (certificate == nullptr) return {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                            name.size());
  return name.data();
}

std::string TlsSession::server_key() const {
  const X509* certificate = SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr) return {};
  return EVP_PKEY_get0_type_name(X509_get0_pubkey(certificate));
}

bool TlsSession::update_keys() {
  return SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED) == 1;
}

}  // namespace wscast::client
