// Each allocation of a session fails in turn, from its open to its end: it can always be ended,
// once, and is then in nothing any more.

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "base/random.h"
#include "protocol/utf8.h"
#include "support/allocation_faults.h"
#include "support/session_world.h"

namespace wscast::session {
namespace {

using test::AllocationFaults;
using test::fail_each_allocation;

/// Makes what the process makes once, as a server does when it starts: no session can cause it.
class SessionMemory : public testing::Test {
 protected:
  SessionMemory() {
    system_random();
    protocol::is_utf8("x");
  }
};

/// Fails each allocation of `step`, of a client that was brought to `stage` without a fault; then
/// the connection of that client is over, as its host sees to.
void expect_end_after(Stage stage, const std::function<void(World&, Client&)>& step) {
  int number = 0;
  bool struck = true;
  while (struck) {
    SCOPED_TRACE("allocation " + std::to_string(++number) + " of " + std::string(to_string(stage)));
    World world;
    Client& client = world.client_in(stage);
    AllocationFaults::watch_this_thread();
    AllocationFaults::arm(static_cast<std::uint64_t>(number));
    try {
      step(world, client);
    } catch (const std::bad_alloc&) {  // The host ends it now.
    }
    client.session.on_close();
    struck = AllocationFaults::disarm();
    AllocationFaults::watch_this_thread(false);
    EXPECT_TRUE(client.session.ended());
    EXPECT_EQ(world.hub.clients(), 0u);
    EXPECT_EQ(world.hub.authenticated(), 0u);
    EXPECT_EQ(world.delegate.disconnections, 1);
    EXPECT_TRUE(world.delegate.draining.empty());
    EXPECT_EQ(world.to_room("lobby", "x").accepted, 0u);
  }
  EXPECT_GT(number, 1);
}

TEST_F(SessionMemory, ASessionThatCannotBeMadeIsNotInTheHub) {
  World world;
  const ClientId id = ClientId::generate(system_random());
  EXPECT_GT(fail_each_allocation([&] {
              FakeTransport transport;
              const Session session(world.context, id, transport);
            }),
            0);
  EXPECT_EQ(world.hub.clients(), 0u);
}

TEST_F(SessionMemory, WhileItAuthenticates) {
  expect_end_after(Stage::unauthorized, [](World&, Client& client) {
    client.receive(R"({"event":"authenticate","id":"a long id for the ack of this message"})");
  });
  expect_end_after(Stage::authenticating, [](World&, Client& client) {
    client.session.on_authenticate_result(
        Identity{.user_id = "a user whose name fits into no small string"});
  });
}

TEST_F(SessionMemory, WhileItJoinsAndLeaves) {
  expect_end_after(Stage::authenticated, [](World& world, Client& client) {
    client.receive(
        R"({"event":"join","data":{"rooms":["lobby","a room with a longer name"]},"id":1})");
    world.complete_all();
  });
  expect_end_after(Stage::in_rooms_hook, [](World&, Client& client) {
    client.session.on_rooms_result(Texts{"lobby", "another room with a longer name"});
    client.receive(R"({"event":"leave","data":{"rooms":["lobby"]},"id":2})");
  });
}

TEST_F(SessionMemory, WhileMessagesWait) {
  expect_end_after(Stage::in_message_hook, [](World&, Client& client) {
    for (int i = 0; i < 3; ++i) client.receive(R"({"event":"chat","data":"waits for the hook"})");
    client.session.on_hook_done();
  });
}

TEST_F(SessionMemory, WhileItIsClosed) {
  expect_end_after(Stage::authenticated,
                   [](World&, Client& client) { client.session.end(kHeartbeatTimeout); });
  expect_end_after(Stage::transforming, [](World&, Client& client) {
    client.session.close(4000, "what waits goes first");
  });
}

TEST_F(SessionMemory, OneReceiverWithoutMemoryIsGivenUpAndTheOthersReceive) {
  World world;
  Client& encrypted = world.client_in(Stage::transforming);
  Client& plain = world.enter("bob");
  const ws::FrameRef frame = ws::make_frame(ws::Opcode::text, "x");
  int failed = 0;
  for (int number = 1; number <= 8; ++number) {
    AllocationFaults::watch_this_thread();
    AllocationFaults::arm(1);
    const int result = encrypted.session.deliver(frame, hub::Address::group);
    if (AllocationFaults::disarm()) {
      ++failed;
      EXPECT_EQ(result, 0);
      EXPECT_TRUE(encrypted.transport.given_up);
    }
    AllocationFaults::watch_this_thread(false);
  }
  EXPECT_GT(failed, 0);
  EXPECT_EQ(world.broadcast("for all").accepted, 2u);
  EXPECT_EQ(plain.take_sent(), Texts{"for all"});
  EXPECT_FALSE(plain.transport.given_up);
}

}  // namespace
}  // namespace wscast::session
