#include "faults/bystanders.h"

namespace wscast::faults {

Bystanders::Bystanders(ServerFixture& fixture)
    : alice_(fixture.peer("alice", {"lobby"})), bob_(fixture.peer("bob", {"lobby"})) {}

void Bystanders::exchange() {
  ++number_;
  pass(alice_, bob_, number_);
  pass(bob_, alice_, number_);
}

void Bystanders::pass(const Peer& from, const Peer& to, int number) {
  const std::string text = std::to_string(number);
  from.send("chat", R"({"room":"lobby","data":)" + text + "}");
  std::string received = R"({"event":"published"})";
  while (received == R"({"event":"published"})" ||
         received == message("chat", R"("from the victim")")) {
    received = to.next();
  }
  ASSERT_EQ(received, message("chat", text));
}

}  // namespace wscast::faults
