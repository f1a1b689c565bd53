#include "net/tls/certificate.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <stdexcept>
#include <system_error>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/log.h"

namespace wscast::net {
namespace {

using File = std::unique_ptr<std::FILE, Release<&std::fclose>>;
using NamesPointer = std::unique_ptr<GENERAL_NAMES, Release<&GENERAL_NAMES_free>>;

constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr long kSelfSignedSeconds = 30L * 24 * 3600;  // NOLINT(*-long): OpenSSL's type.

/// Thrown in this file only: what is wrong, as a sentence.
using Fault = std::runtime_error;

std::string read_file(const std::string& path) {
  const File file(std::fopen(path.c_str(), "re"));
  if (file == nullptr) throw Fault(printable(path) + ": " + std::generic_category().message(errno));
  std::string text(kMaxFileBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) throw Fault(printable(path) + " cannot be read");
  if (text.size() > kMaxFileBytes) throw Fault(printable(path) + " is longer than 1 MiB");
  return text;
}

BioPointer reader_of(const std::string& text) {
  return BioPointer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// For a key with a passphrase, where OpenSSL would ask the terminal; notes that it was asked.
int no_passphrase(char* /*to*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return 0;
}

/// The first certificate is the server's own; the others lead to its authority.
void read_chain(const std::string& path, Certificate& into) {
  const std::string text = read_file(path);
  const BioPointer reader = reader_of(text);
  into.certificate.reset(PEM_read_bio_X509_AUX(reader.get(), nullptr, nullptr, nullptr));
  if (into.certificate == nullptr) throw Fault(printable(path) + " holds no PEM certificate");
  into.chain.reset(sk_X509_new_null());
  while (X509* next = PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr)) {
    sk_X509_push(into.chain.get(), next);
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    throw Fault(printable(path) + " holds a certificate that is damaged");
  }
}

PkeyPointer read_key(const std::string& path) {
  std::string text = read_file(path);
  bool encrypted = false;
  PkeyPointer key(
      PEM_read_bio_PrivateKey(reader_of(text).get(), nullptr, no_passphrase, &encrypted));
  OPENSSL_cleanse(text.data(), text.size());
  if (encrypted)
    throw Fault("the key in " + printable(path) + " has a passphrase; use one without");
  if (key == nullptr) throw Fault(printable(path) + " holds no PEM private key");
  return key;
}

void append_name(const ASN1_STRING* name, std::vector<std::string>& to) {
  std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name)),
                   static_cast<std::size_t>(ASN1_STRING_length(name)));
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : static_cast<char>(c);
  });
  to.push_back(std::move(text));
}

std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> names;
  const NamesPointer all(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; all != nullptr && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_DNS) append_name(name->d.dNSName, names);
  }
  std::ranges::sort(names);
  return names;
}

std::string subject_of(const X509* certificate) {
  std::array<char, 256> text{};
  X509_NAME_oneline(X509_get_subject_name(certificate), text.data(), text.size());
  return text.data();
}

Certificate read(const CertificateFiles& files) {
  Certificate read;
  read_chain(files.certificate, read);
  read.key = read_key(files.key);
  if (X509_check_private_key(read.certificate.get(), read.key.get()) != 1) {
    throw Fault("the key in " + printable(files.key) + " is not that of the certificate in " +
                printable(files.certificate));
  }
  read.names = names_of(read.certificate.get());
  return read;
}

void check(bool fine) {
  if (!fine) throw std::runtime_error("no certificate can be made: " + take_openssl_error());
}

void add_names(X509* certificate, const char* names) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Release<&X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, names));
  check(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

}  // namespace

std::string Certificate::title() const {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + printable(name);
  return text.empty() ? printable(subject_of(certificate.get())) : text;
}

std::string Certificate::expiry() const {
  std::tm time{};
  std::array<char, 32> text{};
  ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &time);
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &time);
  return text.data();
}

bool Certificate::invalid_at(WallTime time) const {
  std::time_t now = std::chrono::system_clock::to_time_t(time);
  return X509_cmp_time(X509_get0_notAfter(certificate.get()), &now) < 0 ||
         X509_cmp_time(X509_get0_notBefore(certificate.get()), &now) > 0;
}

std::optional<Certificate> load_certificate(const CertificateFiles& files, std::string& fault) {
  ERR_clear_error();
  std::optional<Certificate> loaded;
  try {
    loaded = read(files);
  } catch (const Fault& caught) {
    fault = caught.what();
  }
  ERR_clear_error();
  return loaded;
}

Certificate make_self_signed() {
  ERR_clear_error();
  Certificate made{.certificate = X509Pointer(X509_new()),
                   .chain = ChainPointer(sk_X509_new_null()),
                   .key = PkeyPointer(EVP_EC_gen("P-256"))};
  X509* certificate = made.certificate.get();
  check(certificate != nullptr && made.key != nullptr);
  X509_set_version(certificate, X509_VERSION_3);
  const std::unique_ptr<BIGNUM, Release<&BN_free>> serial(BN_new());  // Browsers remember it.
  check(BN_rand(serial.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1);
  BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate));
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kSelfSignedSeconds);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_set_pubkey(certificate, made.key.get());
  add_names(certificate, "DNS:localhost,IP:127.0.0.1,IP:::1");
  check(X509_sign(certificate, made.key.get(), EVP_sha256()) > 0);
  made.names = names_of(certificate);
  return made;
}

}  // namespace wscast::net
