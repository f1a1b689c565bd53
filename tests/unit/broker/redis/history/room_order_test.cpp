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
  RoomOrder::Ticket enter(std::vector<std::string> rooms, const std::string& name) {
    return order_.enter(std::move(rooms), [this, name] { ran_.push_back(name); });
  }
  std::vector<std::string> ran() { return std::exchange(ran_, {}); }

  RoomOrder order_;
  std::vector<std::string> ran_;
};

TEST_F(RoomOrderTest, ALaterCallWaitsForTheEarlierOfItsRoom) {
  const auto one = enter({"a"}, "one");
  const auto two = enter({"a"}, "two");
  const auto three = enter({"a"}, "three");
  RoomOrder::finish(three);
  RoomOrder::finish(two);
  EXPECT_THAT(ran(), IsEmpty());
  RoomOrder::finish(one);
  EXPECT_THAT(ran(), ElementsAre("one", "two", "three"));
}

TEST_F(RoomOrderTest, ACallFinishesOnce) {
  const auto one = enter({"a"}, "one");
  const auto two = enter({"a"}, "two");
  EXPECT_FALSE(RoomOrder::finished(two));
  for (int i = 0; i < 2; ++i) RoomOrder::finish(two);
  EXPECT_TRUE(RoomOrder::finished(two)) << "though it waits";
  for (int i = 0; i < 2; ++i) RoomOrder::finish(one);
  EXPECT_THAT(ran(), ElementsAre("one", "two"));
}

TEST_F(RoomOrderTest, RoomsDoNotWaitForEachOther) {
  const auto a = enter({"a"}, "a");
  const auto b = enter({"b"}, "b");
  RoomOrder::finish(b);
  EXPECT_THAT(ran(), ElementsAre("b"));
  RoomOrder::finish(a);
  EXPECT_THAT(ran(), ElementsAre("a"));
}

TEST_F(RoomOrderTest, ACallForSeveralRoomsWaitsInEach) {
  const auto a = enter({"a"}, "a");
  const auto b = enter({"b"}, "b");
  const auto both = enter({"b", "a", "a"}, "both");
  const auto later = enter({"a"}, "later");
  RoomOrder::finish(both);
  RoomOrder::finish(later);
  RoomOrder::finish(b);
  EXPECT_THAT(ran(), ElementsAre("b"));
  RoomOrder::finish(a);
  EXPECT_THAT(ran(), ElementsAre("a", "both", "later"));
}

TEST_F(RoomOrderTest, ACallThatIsGivenUpDelaysNobody) {
  auto one = enter({"a", "b"}, "one");
  const auto two = enter({"a"}, "two");
  RoomOrder::finish(two);
  EXPECT_THAT(ran(), IsEmpty());
  one.reset();
  EXPECT_THAT(ran(), ElementsAre("two")) << "but not what was given up";
  RoomOrder::finish(enter({"a", "b"}, "three"));
  EXPECT_THAT(ran(), ElementsAre("three"));
}

TEST_F(RoomOrderTest, ACallThatWaitsMayBeGivenUp) {
  const auto one = enter({"a"}, "one");
  enter({"a"}, "two").reset();
  RoomOrder::finish(one);
  EXPECT_THAT(ran(), ElementsAre("one"));
}

TEST_F(RoomOrderTest, ATicketMayOutliveTheOrder) {
  RoomOrder::Ticket ticket;
  {
    RoomOrder order;
    ticket = order.enter({"a"}, [] {});
  }
  ticket.reset();
}

TEST_F(RoomOrderTest, ACallbackThatThrowsKeepsNoOtherFromRunning) {
  const auto one = order_.enter({"a"}, [] { throw std::bad_alloc(); });
  const auto two = enter({"a"}, "two");
  RoomOrder::finish(two);
  EXPECT_THROW(RoomOrder::finish(one), std::bad_alloc);
  EXPECT_THAT(ran(), ElementsAre("two"));
}

TEST_F(RoomOrderTest, ACallbackMayMakeCalls) {
  RoomOrder::Ticket three;
  const auto one = order_.enter({"a"}, [&] {
    ran_.emplace_back("one");
    RoomOrder::finish(three = enter({"a"}, "three"));
    RoomOrder::finish(enter({"b"}, "of another room"));
  });
  const auto two = enter({"a"}, "two");
  RoomOrder::finish(two);
  RoomOrder::finish(one);
  EXPECT_THAT(ran(), ElementsAre("one", "of another room", "two", "three"));
  RoomOrder::finish(enter({"a"}, "four"));
  EXPECT_THAT(ran(), ElementsAre("four"));
}

}  // namespace
}  // namespace wscast::redis
