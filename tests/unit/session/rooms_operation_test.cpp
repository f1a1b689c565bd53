#include "session/rooms_operation.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "acks.h"
#include "support/session_world.h"

namespace wscast::session {
namespace {

constexpr std::size_t kMany = 100;

/// An operation of an authenticated client, apart from the one in its session.
class RoomsOperationTest : public testing::Test {
 protected:
  protocol::RoomsRequest begin_join(std::string_view names,
                                    std::optional<std::string_view> id = "1",
                                    std::size_t max_rooms = kMany) {
    data_ = rooms_of(names);
    return rooms_.begin_join({.event = "join", .data = data_, .id = id}, max_rooms);
  }

  protocol::RoomsRequest leave(std::string_view names, std::optional<std::string_view> id = "1",
                               std::size_t max_rooms = kMany) {
    data_ = rooms_of(names);
    return rooms_.leave(hub(), member(), {.event = "leave", .data = data_, .id = id}, max_rooms);
  }

  RoomsOperation::Validated validate(std::optional<Texts> rooms) {
    return rooms_.on_validated(std::move(rooms), member().id);
  }

  bool join(std::size_t max_rooms = kMany, const Texts& refused = {}) {
    return rooms_.join(hub(), member(), max_rooms, refused);
  }

  bool in_room(std::string_view room) { return hub().in_room(member(), room); }

  hub::Hub& hub() { return world_.hub; }
  hub::Member& member() { return client_.session; }

  World world_;
  Client& client_ = world_.enter();
  RoomsOperation rooms_;
  std::string data_;
};

TEST_F(RoomsOperationTest, HasNothingToDoAtFirst) {
  EXPECT_FALSE(rooms_.subscribing());
  EXPECT_FALSE(rooms_.has_ack());
  EXPECT_EQ(rooms_.finish(), std::nullopt);
}

TEST_F(RoomsOperationTest, JoinsTheValidatedRooms) {
  EXPECT_EQ(begin_join(R"("a","b")").rooms, (Texts{"a", "b"}));
  EXPECT_TRUE(rooms_.has_ack());
  EXPECT_FALSE(rooms_.subscribing()) << "the hook has not returned";
  EXPECT_EQ(validate(Texts{"a"}).dropped_rooms, 0u);
  EXPECT_TRUE(rooms_.subscribing());
  EXPECT_EQ(rooms_.rooms(), Texts{"a"});
  EXPECT_FALSE(in_room("a")) << "not before it is subscribed";
  EXPECT_TRUE(join());
  EXPECT_TRUE(in_room("a"));
  EXPECT_FALSE(in_room("b"));
  EXPECT_FALSE(rooms_.subscribing());
  EXPECT_EQ(rooms_.finish(), ack(false, R"("rooms":{"a":"joined","b":"not allowed"})"));
  EXPECT_FALSE(rooms_.has_ack());
}

TEST_F(RoomsOperationTest, JoinsWithoutAnAckIfTheMessageHasNoId) {
  begin_join(R"("a")", std::nullopt);
  EXPECT_FALSE(rooms_.has_ack());
  validate(Texts{"a", "added"});
  EXPECT_TRUE(join());
  EXPECT_TRUE(in_room("a"));
  EXPECT_TRUE(in_room("added"));
  EXPECT_EQ(rooms_.finish(), std::nullopt);
}

TEST_F(RoomsOperationTest, ReadsNoMoreRoomsThanMayBeNamed) {
  const auto request = begin_join(R"("a","b")", "1", 1);
  EXPECT_TRUE(request.too_many);
  EXPECT_EQ(request.rooms, Texts{"a"});
}

TEST_F(RoomsOperationTest, DropsRoomsThatTheClientMayNotBeIn) {
  const std::string own = client_.id();
  const std::string of_another = world_.open().id();
  begin_join(R"("a")");
  EXPECT_EQ(validate(Texts{"", "ws:x", of_another, own}).dropped_rooms, 3u);
  EXPECT_EQ(rooms_.rooms(), Texts{own});
}

TEST_F(RoomsOperationTest, JoinsNothingWhenTheHookThrew) {
  begin_join(R"("a")");
  EXPECT_FALSE(validate(std::nullopt).invalid_result);
  EXPECT_FALSE(rooms_.subscribing());
  EXPECT_EQ(rooms_.finish(), ack(false, R"("rooms":{"a":"error"})"));
}

TEST_F(RoomsOperationTest, CountsAResultThatIsNotUtf8AsAThrow) {
  begin_join(R"("a")");
  EXPECT_TRUE(validate(Texts{"a", "\xff"}).invalid_result);
  EXPECT_FALSE(rooms_.subscribing());
  EXPECT_EQ(rooms_.finish(), ack(false, R"("rooms":{"a":"error"})"));
}

TEST_F(RoomsOperationTest, JoinsNoRoomThatTheBrokerRefused) {
  begin_join(R"("a","b")");
  validate(Texts{"a", "b"});
  EXPECT_TRUE(join(kMany, Texts{"a"}));
  EXPECT_FALSE(in_room("a"));
  EXPECT_TRUE(in_room("b"));
  EXPECT_EQ(rooms_.finish(), ack(false, R"("rooms":{"a":"unavailable","b":"joined"})"));
}

TEST_F(RoomsOperationTest, JoinsUpToTheLimit) {
  const std::size_t rooms_before = hub().room_count(member());
  hub().join(member(), "old");
  begin_join(R"("a","b","old")");
  validate(Texts{"a", "b", "old"});
  EXPECT_FALSE(join(rooms_before + 2));
  EXPECT_TRUE(in_room("a"));
  EXPECT_FALSE(in_room("b"));
  EXPECT_EQ(rooms_.finish(),
            ack(false, R"("rooms":{"a":"joined","b":"too many rooms","old":"joined"})"));
}

TEST_F(RoomsOperationTest, LeavesAtOnce) {
  hub().join(member(), "a");
  hub().join(member(), "b");
  EXPECT_EQ(leave(R"("a","b")", "1", 1).rooms, Texts{"a"});
  EXPECT_FALSE(in_room("a"));
  EXPECT_TRUE(in_room("b"));
  EXPECT_TRUE(rooms_.has_ack());
  rooms_.finish();

  leave(R"("b")", std::nullopt);
  EXPECT_FALSE(in_room("b"));
  EXPECT_EQ(rooms_.finish(), std::nullopt);
}

}  // namespace
}  // namespace wscast::session
