#include "protocol/system_messages.h"

#include <vector>

#include <gtest/gtest.h>

namespace wscast::protocol {
namespace {

using namespace std::chrono_literals;

WallTime at(std::chrono::nanoseconds since_epoch) {
  return WallTime(std::chrono::duration_cast<WallTime::duration>(since_epoch));
}

TEST(SystemMessages, M17_ConnectedHoldsIdUserAndTime) {
  EXPECT_EQ(
      connected_message({.id = "c-1", .user_id = "u\"1", .time = at(1'769'860'800s)}),
      R"({"event":"connected","data":{"id":"c-1","userId":"u\"1","time":"2026-01-31T12:00:00.000Z"}})");
}

TEST(SystemMessages, M17_NoUserGivesNoUserId) {
  EXPECT_EQ(connected_message({.id = "c-1", .user_id = "", .time = at(0s)}),
            R"({"event":"connected","data":{"id":"c-1","time":"1970-01-01T00:00:00.000Z"}})");
}

TEST(SystemMessages, M1_ErrorsAreSpelledToTheLetter) {
  EXPECT_EQ(error_message("Invalid message format"),
            R"({"event":"error","data":{"message":"Invalid message format"}})");
}

TEST(SystemMessages, X1_TheIdOfWhatIsAnsweredIsTheLastKey) {
  EXPECT_EQ(error_message("No", R"({"a": 1})"),
            R"({"event":"error","data":{"message":"No"},"id":{"a": 1}})");
  EXPECT_EQ(
      connected_message({.id = "c-1", .user_id = "", .time = at(0s)}, "null"),
      R"({"event":"connected","data":{"id":"c-1","time":"1970-01-01T00:00:00.000Z"},"id":null})");
}

TEST(SystemMessages, X1_AnAckOfRoomsNamesEachAndWhatIsWrong) {
  EXPECT_EQ(rooms_ack_message({.ok = true, .rooms = {}, .error = {}, .id = "7"}),
            R"({"event":"ack","data":{"ok":true,"rooms":{}},"id":7})");
  const std::vector<RoomReport> rooms = {{R"("\ud800")", "invalid name"}, {R"("a")", "joined"}};
  EXPECT_EQ(rooms_ack_message({.ok = false, .rooms = rooms, .error = "No \"", .id = "7"}),
            R"({"event":"ack","data":{"ok":false,"rooms":{"\ud800":"invalid name","a":"joined"},)"
            R"("error":"No \""},"id":7})");
}

TEST(SystemMessages, TimesAreUtcWithMilliseconds) {
  EXPECT_EQ(format_time(at(1'767'225'599s + 7ms)), "2025-12-31T23:59:59.007Z");
  EXPECT_EQ(format_time(at(1'709'164'800s)), "2024-02-29T00:00:00.000Z");
  EXPECT_EQ(format_time(at(1s + 999'999'999ns)), "1970-01-01T00:00:01.999Z");
  EXPECT_EQ(format_time(at(-1ms)), "1969-12-31T23:59:59.999Z");
}

TEST(SystemMessages, X7DisconnectSaysWhenToReconnect) {
  EXPECT_EQ(disconnect_message(std::chrono::milliseconds(4250)),
            R"({"event":"disconnect","data":{"reconnectAfterMs":4250}})");
}

}  // namespace
}  // namespace wscast::protocol
