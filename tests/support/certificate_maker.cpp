#include "support/certificate_maker.h"

#include <cstdio>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace wscast::test {
namespace {

using File = std::unique_ptr<std::FILE, net::Release<&std::fclose>>;

constexpr long kDay = 24L * 3600;  // NOLINT(*-long)

void check(bool fine) {
  if (!fine) throw std::runtime_error("a certificate for a test cannot be made");
}

void extend(X509& certificate, X509& issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, net::Release<&X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  check(extension && X509_add_ext(&certificate, extension.get(), -1) == 1);
}

File open(const std::string& name, const char* mode) {
  File file(std::fopen(name.c_str(), mode));
  check(file != nullptr);
  return file;
}

}  // namespace

Identity make_identity(const IdentityWish& wish) {
  static long serial = 1;  // NOLINT(*-long)
  Identity made{
      net::PkeyPointer(wish.rsa_bits > 0 ? EVP_RSA_gen(static_cast<unsigned>(wish.rsa_bits))
                                         : EVP_EC_gen("P-256")),
      net::X509Pointer(X509_new())};
  X509& certificate = *made.certificate;
  const Identity& issuer = wish.issuer != nullptr ? *wish.issuer : made;
  X509_set_version(&certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(&certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(&certificate), -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(&certificate), wish.expired ? -kDay : kDay);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(&certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(wish.subject.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(&certificate, X509_get_subject_name(issuer.certificate.get()));
  X509_set_pubkey(&certificate, made.key.get());
  if (wish.issuer == nullptr) {
    extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  } else {
    extend(certificate, *issuer.certificate, NID_subject_alt_name, wish.names);
  }
  check(X509_sign(&certificate, issuer.key.get(), EVP_sha256()) > 0);
  return made;
}

void write_certificate(const Identity& identity, const std::string& file) {
  check(PEM_write_X509(open(file, "w").get(), identity.certificate.get()) == 1);
}

void write_key(const Identity& identity, const std::string& file) {
  check(PEM_write_PrivateKey(open(file, "w").get(), identity.key.get(), nullptr, nullptr, 0,
                             nullptr, nullptr) == 1);
}

void encrypt_key(const std::string& from, const std::string& to) {
  const net::PkeyPointer key(PEM_read_PrivateKey(open(from, "r").get(), nullptr, nullptr, nullptr));
  const auto* secret = reinterpret_cast<const unsigned char*>("secret");
  check(PEM_write_PrivateKey(open(to, "w").get(), key.get(), EVP_aes_128_cbc(), secret, 6, nullptr,
                             nullptr) == 1);
}

}  // namespace wscast::test
