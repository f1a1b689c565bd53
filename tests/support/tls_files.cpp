#include "support/tls_files.h"

#include <cstdio>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

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
using File = std::unique_ptr<std::FILE, Release<&std::fclose>>;

constexpr long kDay = 24L * 3600;  // NOLINT(*-long)

void check(bool fine) {
  if (!fine) throw std::runtime_error("a certificate for a test cannot be made");
}

void extend(X509& certificate, X509& issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Release<&X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  check(extension && X509_add_ext(&certificate, extension.get(), -1) == 1);
}

Certificate blank(const std::string& name, EVP_PKEY* key, bool expired) {
  static long serial = 1;  // NOLINT(*-long)
  Certificate made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), expired ? -kDay : kDay);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(made.get(), key);
  return made;
}

File open(const std::string& name) {
  File file(std::fopen(name.c_str(), "w"));
  check(file != nullptr);
  return file;
}

}  // namespace

struct TlsFiles::Authority {
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate = blank("wscast test authority", key.get(), false);
};

TlsFiles::TlsFiles() : authority_(std::make_unique<Authority>()) {
  X509& own = *authority_->certificate;
  X509_set_issuer_name(&own, X509_get_subject_name(&own));
  extend(own, own, NID_basic_constraints, "critical,CA:TRUE");
  check(X509_sign(&own, authority_->key.get(), EVP_sha256()) > 0);
  check(PEM_write_X509(open(ca()).get(), &own) == 1);
}

TlsFiles::~TlsFiles() = default;

CertificateFiles TlsFiles::issue(const std::string& name, const Wish& wish) {
  const Key key(wish.rsa ? EVP_RSA_gen(static_cast<unsigned>(wish.rsa_bits)) : EVP_EC_gen("P-256"));
  const std::string subject = wish.names.empty() ? name : wish.names.front();
  const Certificate made = blank(subject, key.get(), wish.expired);
  X509_set_issuer_name(made.get(), X509_get_subject_name(authority_->certificate.get()));
  std::string names = "IP:127.0.0.1";
  for (const std::string& each : wish.names) names += ",DNS:" + each;
  extend(*made, *authority_->certificate, NID_subject_alt_name, names);
  check(X509_sign(made.get(), authority_->key.get(), EVP_sha256()) > 0);
  CertificateFiles files{.certificate = file(name + ".pem"), .key = file(name + ".key")};
  check(PEM_write_X509(open(files.certificate).get(), made.get()) == 1);
  check(PEM_write_PrivateKey(open(files.key).get(), key.get(), nullptr, nullptr, 0, nullptr,
                             nullptr) == 1);
  return files;
}

void TlsFiles::encrypt_key(const std::string& name, const std::string& to) {
  const File from(std::fopen(file(name + ".key").c_str(), "r"));
  check(from != nullptr);
  const Key key(PEM_read_PrivateKey(from.get(), nullptr, nullptr, nullptr));
  const auto* secret = reinterpret_cast<const unsigned char*>("secret");
  check(PEM_write_PrivateKey(open(file(to)).get(), key.get(), EVP_aes_128_cbc(), secret, 6, nullptr,
                             nullptr) == 1);
}

}  // namespace wscast::test
