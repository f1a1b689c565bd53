#include "broker/redis/connection/tls.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <memory>
#include <new>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace wscast::redis {
namespace {

bool is_address(const std::string& host) {
  in6_addr ignored;
  return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

/// For a key with a passphrase, where OpenSSL would ask the terminal.
int no_passphrase(char* /*to*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return 0;
}

struct FreeConnection {
  void operator()(SSL* connection) const { SSL_free(connection); }
};

/// Throws std::bad_alloc if that is why OpenSSL failed, which does not always say so: nothing is
/// wrong with a file or a name.
void expect_memory() {
  bool short_of_memory = ERR_peek_error() == 0;
  while (const auto error = ERR_get_error())
    short_of_memory = short_of_memory || ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE;
  if (short_of_memory) throw std::bad_alloc();
}

std::string file_fault(const std::string& file) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  expect_memory();
  return "cannot use " + (file.empty() ? "the system's CA certificates" : file) +
         " for TLS: " + (reason != nullptr ? reason : "unknown error");
}

bool load_authorities(SSL_CTX* context, const std::string& file) {
  if (file.empty()) return SSL_CTX_set_default_verify_paths(context) == 1;
  return SSL_CTX_load_verify_file(context, file.c_str()) == 1;
}

/// Sets the name that the certificate must be for, and, unless it is an address, the SNI.
bool set_peer_name(SSL* connection, const std::string& host) {
  if (is_address(host)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str()) == 1;
  }
  SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(connection, host.c_str()) == 1 &&
         SSL_set_tlsext_host_name(connection, host.c_str()) == 1;
}

}  // namespace

Tls::Tls(const RedisOptions& options) : options_(options) {}

Tls::~Tls() = default;

void Tls::Release::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

void Tls::reload() {
  context_.reset();
}

ssl_st* Tls::make(const std::string& host, std::string& fault) {
  if (!context_) context_ = load(fault);
  if (!context_) return nullptr;
  ERR_clear_error();
  std::unique_ptr<SSL, FreeConnection> connection(SSL_new(context_.get()));
  if (!connection) throw std::bad_alloc();
  if (set_peer_name(connection.get(), host)) return connection.release();
  expect_memory();
  fault = "is no host name for TLS";
  return nullptr;
}

Tls::Context Tls::load(std::string& fault) const {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) throw std::bad_alloc();
  SSL_CTX* const raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_default_passwd_cb(raw, no_passphrase);
  const std::string& certificate = options_.tls_certificate_file;
  const std::string& key = options_.tls_key_file;
  if (!load_authorities(raw, options_.tls_ca_file)) {
    fault = file_fault(options_.tls_ca_file);
  } else if (!certificate.empty() &&
             SSL_CTX_use_certificate_chain_file(raw, certificate.c_str()) != 1) {
    fault = file_fault(certificate);
  } else if (!key.empty() && SSL_CTX_use_PrivateKey_file(raw, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    fault = file_fault(key);
  } else {
    return context;
  }
  return nullptr;
}

std::string certificate_fault(const ssl_st* connection) {
  const long verdict = SSL_get_verify_result(connection);
  return verdict == X509_V_OK ? "" : X509_verify_cert_error_string(verdict);
}

}  // namespace wscast::redis
