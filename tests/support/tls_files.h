#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "wscast/tls_options.h"

#include "support/certificate_maker.h"
#include "support/redis_process.h"

namespace wscast::test {

/// An authority, in `ca.pem` of a folder of its own, that issues certificates there.
class TlsFiles {
 public:
  struct Wish {
    std::vector<std::string> names{"localhost"};  ///< The first one is the subject's too.
    bool rsa = false;                             ///< Instead of ECDSA.
    int rsa_bits = 2048;
    bool expired = false;
  };

  TlsFiles();

  const std::filesystem::path& folder() const { return folder_.path(); }
  std::string file(std::string_view name) const { return (folder_.path() / name).string(); }
  std::string ca() const { return file("ca.pem"); }

  /// Writes `name`.pem and `name`.key; replaces them when they are there.
  CertificateFiles issue(const std::string& name) { return issue(name, Wish{}); }
  CertificateFiles issue(const std::string& name, const Wish& wish);

  /// Writes the key of `name` with a passphrase into `to`.
  void encrypt_key(const std::string& name, const std::string& to);

 private:
  ScratchFolder folder_;
  Identity authority_;
};

}  // namespace wscast::test
