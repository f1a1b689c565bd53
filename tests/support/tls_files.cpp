#include "support/tls_files.h"

namespace wscast::test {

TlsFiles::TlsFiles() : authority_(make_identity({.subject = "wscast test authority"})) {
  write_certificate(authority_, ca());
}

CertificateFiles TlsFiles::issue(const std::string& name, const Wish& wish) {
  std::string names = "IP:127.0.0.1";
  for (const std::string& each : wish.names) names += ",DNS:" + each;
  const Identity made = make_identity({.subject = wish.names.empty() ? name : wish.names.front(),
                                       .issuer = &authority_,
                                       .names = names,
                                       .rsa_bits = wish.rsa ? wish.rsa_bits : 0,
                                       .expired = wish.expired});
  CertificateFiles files{.certificate = file(name + ".pem"), .key = file(name + ".key")};
  write_certificate(made, files.certificate);
  write_key(made, files.key);
  return files;
}

void TlsFiles::encrypt_key(const std::string& name, const std::string& to) {
  test::encrypt_key(file(name + ".key"), file(to));
}

}  // namespace wscast::test
