#include "broker/redis/history/room_order.h"

#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RoomOrderTest : public ::testing::Test {
 protected:
  void finish(const RoomOrder::Ticket& ticket, const std::string& name) {
    RoomOrder::finish(ticket, [this, name] { ran_.push_back(name); });
  }
  std::vector<std::string> ran() { return std::exchange(ran_, {}); }

  RoomOrder order_;
  std::vector<std::string> ran_;
};

TEST_F(RoomOrderTest, ALaterCallWaitsForTheEarlierOfItsRoom) {
  const auto one = order_.enter({"a"});
  const auto two = order_.enter({"a"});
  const auto three = order_.enter({"a"});
  finish(three, "three");
  finish(two, "two");
  EXPECT_THAT(ran(), IsEmpty());
  finish(one, "one");
  EXPECT_THAT(ran(), ElementsAre("one", "two", "three"));
}

TEST_F(RoomOrderTest, RoomsDoNotWaitForEachOther) {
  const auto a = order_.enter({"a"});
  const auto b = order_.enter({"b"});
  finish(b, "b");
  EXPECT_THAT(ran(), ElementsAre("b"));
  finish(a, "a");
  EXPECT_THAT(ran(), ElementsAre("a"));
}

TEST_F(RoomOrderTest, ACallForSeveralRoomsWaitsInEach) {
  const auto a = order_.enter({"a"});
  const auto b = order_.enter({"b"});
  const auto both = order_.enter({"b", "a", "a"});
  const auto later = order_.enter({"a"});
  finish(both, "both");
  finish(later, "later");
  finish(b, "b");
  EXPECT_THAT(ran(), ElementsAre("b"));
  finish(a, "a");
  EXPECT_THAT(ran(), ElementsAre("a", "both", "later"));
}

TEST_F(RoomOrderTest, ACallThatIsGivenUpDelaysNobody) {
  auto one = order_.enter({"a", "b"});
  const auto two = order_.enter({"a"});
  finish(two, "two");
  EXPECT_THAT(ran(), IsEmpty());
  one.reset();
  EXPECT_THAT(ran(), ElementsAre("two"));
  finish(order_.enter({"a", "b"}), "three");
  EXPECT_THAT(ran(), ElementsAre("three"));
}

TEST_F(RoomOrderTest, ACallbackMayHoldItsTicket) {
  auto ticket = order_.enter({"a"});
  const std::weak_ptr<RoomOrder::Call> observed = ticket;
  RoomOrder::finish(ticket, [held = ticket] {});
  ticket.reset();
  EXPECT_TRUE(observed.expired());
}

TEST_F(RoomOrderTest, ATicketMayOutliveTheOrder) {
  RoomOrder::Ticket ticket;
  {
    RoomOrder order;
    ticket = order.enter({"a"});
  }
  ticket.reset();
}

TEST_F(RoomOrderTest, ACallbackThatThrowsKeepsNoOtherFromRunning) {
  const auto one = order_.enter({"a"});
  const auto two = order_.enter({"a"});
  finish(two, "two");
  EXPECT_THROW(RoomOrder::finish(one, [] { throw std::bad_alloc(); }), std::bad_alloc);
  EXPECT_THAT(ran(), ElementsAre("two"));
}

TEST_F(RoomOrderTest, ACallbackMayMakeCalls) {
  const auto one = order_.enter({"a"});
  const auto two = order_.enter({"a"});
  finish(two, "two");
  RoomOrder::finish(one, [this] {
    ran_.emplace_back("one");
    finish(order_.enter({"a"}), "three");
    finish(order_.enter({"b"}), "of another room");
  });
  EXPECT_THAT(ran(), ElementsAre("one", "of another room", "two", "three"));
  finish(order_.enter({"a"}), "four");
  EXPECT_THAT(ran(), ElementsAre("four"));
}

}  // namespace
}  // namespace wscast::redis
