// Messages to the same receivers that came together, in one frame reference: what a session does
// with each of them is what it does with one.

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "support/session_world.h"
#include "ws/frame_joiner.h"

namespace wscast::session {
namespace {

const std::string kFirst = R"({"event":"a"})";
const std::string kSecond = R"({"event":"b"})";

class JoinedMessages : public testing::Test {
 protected:
  static ws::FrameRef both() {
    ws::FrameJoiner joiner;
    for (const auto& text : {kFirst, kSecond}) {
      std::ranges::copy(text, joiner.add(ws::Opcode::text, text.size()).begin());
    }
    return ws::FrameRef::of(joiner.take());
  }

  hub::Delivered broadcast() { return world_.hub.broadcast(both(), {}); }

  World world_;
};

TEST_F(JoinedMessages, GoOutTogetherWhereThatCanBe) {
  Client& client = world_.enter();
  client.transport.joined = true;
  EXPECT_EQ(broadcast().accepted, 1u);
  EXPECT_EQ(client.take_sent(), (Texts{kFirst, kSecond}));
}

TEST_F(JoinedMessages, GoOutOneByOneElsewhere) {
  Client& client = world_.enter();
  EXPECT_EQ(broadcast().accepted, 1u);
  EXPECT_EQ(client.take_sent(), (Texts{kFirst, kSecond}));
}

TEST_F(JoinedMessages, E1AreEncryptedOneByOne) {
  Client& client = world_.client_in(Stage::transforming);
  world_.complete_all();
  client.take_sent();
  world_.take_requests();
  client.transport.joined = true;
  broadcast();
  world_.complete_all();
  EXPECT_EQ(world_.take_requests(), (Texts{"transform " + kFirst, "transform " + kSecond}));
  EXPECT_EQ(client.take_sent(), (Texts{kFirst, kSecond}));
}

TEST_F(JoinedMessages, X2AreCountedOneByOneWhenDropped) {
  for (const bool joined : {true, false}) {
    world_.forget();
    Client& client = world_.enter(joined ? "joined" : "apart");
    client.transport.joined = joined;
    client.transport.result = 0;
    client.session.outbound().on_backpressure();
    EXPECT_EQ(client.session.deliver(both(), hub::Address::client), 0);
    EXPECT_EQ(client.session.lost.load(), 2u);
    client.transport.result = 1;
    client.session.outbound().on_drain();
    EXPECT_EQ(client.take_sent(), Texts{R"({"event":"dropped","data":{"count":2}})"});
  }
}

TEST_F(JoinedMessages, D14AreCountedOneByOneBeforeTheClientIsConnected) {
  Client& waits = world_.client_in(Stage::unauthorized);
  Client& handshakes = world_.client_in(Stage::handshaking);
  world_.forget();
  EXPECT_EQ(waits.session.deliver(both(), hub::Address::group), 0);
  EXPECT_EQ(handshakes.session.deliver(both(), hub::Address::client), 0);
  EXPECT_EQ(world_.counted(),
            (Counts{{"dropped_before_connected", 2}, {"dropped_in_handshake", 2}}));
}

}  // namespace
}  // namespace wscast::session
