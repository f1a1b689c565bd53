#pragma once

namespace wscast::net {

/// Counts one connection against a limit, until this is destroyed.
class Admission {
 public:
  Admission() = default;
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;
  virtual ~Admission() = default;
};

}  // namespace wscast::net
