#include "api/https_context.h"

#include <stdexcept>
#include <string_view>
#include <utility>

#include <openssl/ssl.h>

namespace wscast::program {
namespace {

using Context = HttpsContext::Context;
using ErrorCode = boost::system::error_code;

// Of Mozilla's "intermediate" those that need no parameters; TLS 1.3 has only good ones.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::string_view kAlpn = "\x08http/1.1";

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

[[noreturn]] void fail(const std::string& file, const std::string& why) {
  throw std::runtime_error("cannot use \"" + file + "\" for the API: " + why);
}

std::shared_ptr<Context> make(const std::string& certificate, const std::string& key) {
  auto context = std::make_shared<Context>(Context::tls_server);
  context->set_options(Context::no_tlsv1 | Context::no_tlsv1_1 | Context::no_compression |
                       SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_cipher_list(context->native_handle(), kCiphers);
  SSL_CTX_set_alpn_select_cb(context->native_handle(), choose_protocol, nullptr);
  ErrorCode error;
  context->use_certificate_chain_file(certificate, error);
  if (error) fail(certificate, error.message());
  context->use_private_key_file(key, Context::pem, error);
  if (error) fail(key, error.message());
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    fail(key, "it does not fit the certificate");
  }
  return context;
}

}  // namespace

HttpsContext::HttpsContext(std::string certificate, std::string key)
    : certificate_(std::move(certificate)),
      key_(std::move(key)),
      context_(make(certificate_, key_)) {}

std::shared_ptr<Context> HttpsContext::get() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

void HttpsContext::reload() {
  auto next = make(certificate_, key_);
  const std::lock_guard lock(mutex_);
  context_ = std::move(next);
}

}  // namespace wscast::program
