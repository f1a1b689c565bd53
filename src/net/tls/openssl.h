#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace wscast::net {

template <auto Free>
struct Release {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

struct FreeChain {
  void operator()(STACK_OF(X509) * chain) const { sk_X509_pop_free(chain, X509_free); }
};

using SslPointer = std::unique_ptr<SSL, Release<&SSL_free>>;
using SslContextPointer = std::unique_ptr<SSL_CTX, Release<&SSL_CTX_free>>;
using BioPointer = std::unique_ptr<BIO, Release<&BIO_free_all>>;
using X509Pointer = std::unique_ptr<X509, Release<&X509_free>>;
using ChainPointer = std::unique_ptr<STACK_OF(X509), FreeChain>;
using PkeyPointer = std::unique_ptr<EVP_PKEY, Release<&EVP_PKEY_free>>;
using PkeyContextPointer = std::unique_ptr<EVP_PKEY_CTX, Release<&EVP_PKEY_CTX_free>>;

/// Returns the reason of the thread's last OpenSSL error in words, and forgets all of them.
std::string take_openssl_error();

}  // namespace wscast::net
