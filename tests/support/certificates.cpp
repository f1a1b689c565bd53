#include "support/certificate_maker.h"
#include "support/redis_process.h"

namespace wscast::test {

Certificates::Certificates() {
  const auto write = [this](const std::string& name, const Identity& identity) {
    write_certificate(identity, file(name + ".pem"));
    write_key(identity, file(name + ".key"));
  };
  const Identity authority = make_identity({.subject = "wscast test authority"});
  write("ca", authority);
  write("server", make_identity({.subject = "localhost", .issuer = &authority}));
  write("client", make_identity({.subject = "client", .issuer = &authority}));
  write("other-ca", make_identity({.subject = "another authority"}));
}

}  // namespace wscast::test
