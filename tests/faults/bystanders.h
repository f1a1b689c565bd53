#pragma once

#include <functional>
#include <string>

#include "integration/server_fixture.h"

namespace wscast::faults {

/// Two clients in the room `lobby` that send each other numbered messages, whatever happens to
/// others.
class Bystanders {
 public:
  explicit Bystanders(ServerFixture& fixture);

  /// Each sends its next number to the other, which receives it next; what comes from the victim in
  /// between is skipped.
  void exchange();

 private:
  static void pass(const Peer& from, const Peer& to, int number);

  Peer alice_;
  Peer bob_;
  int number_ = 0;
};

}  // namespace wscast::faults
