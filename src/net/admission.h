#pragma once

namespace wscast::net {

class ProxiedClient;

/// Counts one connection against a limit, until this is destroyed.
class Admission {
 public:
  Admission() = default;
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;
  virtual ~Admission() = default;

  /// The client of a connection that a proxy made; null for any other connection.
  virtual ProxiedClient* proxied() { return nullptr; }
};

}  // namespace wscast::net
