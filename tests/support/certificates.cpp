#include <cstdio>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "support/redis_process.h"

namespace wscast::test {
namespace {

template <auto Free>
struct Release {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Release<&EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<&X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<&X509_EXTENSION_free>>;
using File = std::unique_ptr<std::FILE, Release<&std::fclose>>;

struct Identity {
  Key key;
  Certificate certificate;
};

void check(bool fine) {
  if (!fine) throw std::runtime_error("a certificate for a test cannot be made");
}

void extend(X509& certificate, X509& issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  check(extension && X509_add_ext(&certificate, extension.get(), -1) == 1);
}

/// Signed by `issuer`, or an authority of its own without one.
Identity make_identity(const char* name, const Identity* issuer, long serial) {
  Identity made{Key(EVP_EC_gen("P-256")), Certificate(X509_new())};
  X509& certificate = *made.certificate;
  X509& signer = issuer != nullptr ? *issuer->certificate : certificate;
  X509_set_version(&certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(&certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(&certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(&certificate), 24 * 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(&certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(&certificate, X509_get_subject_name(&signer));
  X509_set_pubkey(&certificate, made.key.get());
  if (issuer == nullptr) {
    extend(certificate, signer, NID_basic_constraints, "critical,CA:TRUE");
  } else {
    extend(certificate, signer, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  }
  EVP_PKEY* key = issuer != nullptr ? issuer->key.get() : made.key.get();
  check(X509_sign(&certificate, key, EVP_sha256()) > 0);
  return made;
}

File open(const std::string& name) {
  File file(std::fopen(name.c_str(), "w"));
  check(file != nullptr);
  return file;
}

}  // namespace

Certificates::Certificates() {
  const auto write = [this](const std::string& name, const Identity& identity) {
    check(PEM_write_X509(open(file(name + ".pem")).get(), identity.certificate.get()) == 1);
    check(PEM_write_PrivateKey(open(file(name + ".key")).get(), identity.key.get(), nullptr,
                               nullptr, 0, nullptr, nullptr) == 1);
  };
  const Identity authority = make_identity("wscast test authority", nullptr, 1);
  write("ca", authority);
  write("server", make_identity("localhost", &authority, 2));
  write("client", make_identity("client", &authority, 3));
  write("other-ca", make_identity("another authority", nullptr, 4));
}

}  // namespace wscast::test
