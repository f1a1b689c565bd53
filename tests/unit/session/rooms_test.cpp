// protocol.md M7, M8, M10, M11, M16, D14, O13: what `join` and `leave` do.

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/session_world.h"

namespace wscast::session {
namespace {

constexpr std::size_t kRoomsOfEach = 3;  // Two default rooms, and the one of its own id.

std::string message(std::string_view event, std::string_view data) {
  return R"({"event":")" + std::string(event) + R"(","data":)" + std::string(data) + "}";
}

/// `{"rooms":[...]}`, of the JSON texts of names.
std::string rooms_of(std::string_view names) {
  return R"({"rooms":[)" + std::string(names) + "]}";
}

std::string times(std::size_t n, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < n; ++i) all += text;
  return all;
}

std::string quoted(const std::string& name) {
  return '"' + name + '"';
}

struct Join {
  std::string name;
  std::string data;
  Texts requested{};
  Texts joined{};
  Counts counted{};
  std::optional<Texts> result{};  ///< `std::nullopt`: what was requested.

  friend void PrintTo(const Join& join, std::ostream* out) { *out << join.name; }
};

class JoinOfAClient : public testing::TestWithParam<Join> {};

TEST_P(JoinOfAClient, JoinsWhatTheRulesLeave) {
  World world;
  Client& client = world.enter();
  world.results.rooms = GetParam().result;
  client.receive(message("join", GetParam().data));
  world.complete_all();
  EXPECT_EQ(world.take_requests(), GetParam().requested);
  for (const auto& room : GetParam().joined) EXPECT_TRUE(world.hub.in_room(client.session, room));
  EXPECT_EQ(world.hub.room_count(client.session), kRoomsOfEach + GetParam().joined.size());
  EXPECT_EQ(world.counted(), GetParam().counted);
  EXPECT_EQ(client.take_sent(), Texts{}) << "no reply";
}

Counts dropped(std::uint64_t n) {
  return {{"rooms_dropped", n}};
}

// clang-format off
const std::vector<Join> kJoins = {
    {"M7_OneRoom", rooms_of(R"("a")"), {"rooms a"}, {"a"}},
    {"M7_SeveralRoomsInOrder", rooms_of(R"("b","a","c")"), {"rooms b a c"}, {"a", "b", "c"}},
    {"M7_DuplicatesGoToTheHookToo", rooms_of(R"("a","b","a")"), {"rooms a b a"}, {"a", "b"}},
    {"M7_ARoomThatItIsInAlready", rooms_of(R"("ws-default")"), {"rooms ws-default"}},
    {"M7_AnEmptyListRequestsNoHook", rooms_of("")},
    {"M7_AnEmptyNameIsDropped", rooms_of(R"("","a")"), {"rooms a"}, {"a"}, dropped(1)},
    {"M7_ANumberIsDropped", rooms_of(R"(1,"a")"), {"rooms a"}, {"a"}, dropped(1)},
    {"M7_NullIsDropped", rooms_of(R"(null,"a")"), {"rooms a"}, {"a"}, dropped(1)},
    {"M7_TrueIsDropped", rooms_of(R"(true,"a")"), {"rooms a"}, {"a"}, dropped(1)},
    {"M7_AnObjectIsDropped", rooms_of(R"({"0":"b"},"a")"), {"rooms a"}, {"a"}, dropped(1)},
    {"M7_AnArrayInsideIsDropped", rooms_of(R"(["b"],"a")"), {"rooms a"}, {"a"}, dropped(1)},
    {"M7_NoneLeftRequestsNoHook", rooms_of(R"("",1,"ws:a")"), {}, {}, dropped(3)},
    {"M7_ThePrefixOfChannelsIsDropped", rooms_of(R"("ws:room:a","ws:")"), {}, {}, dropped(2)},
    {"M7_ThePrefixIsUnescapedFirst", rooms_of(R"("\u0077s:a")"), {}, {}, dropped(1)},
    {"M7_ThePrefixIsCaseSensitive", rooms_of(R"("WS:a")"), {"rooms WS:a"}, {"WS:a"}},
    {"M7_ThePrefixCountsAtTheBeginOnly", rooms_of(R"("a ws:")"), {"rooms a ws:"}, {"a ws:"}},
    {"M7_256UnitsAreFine", rooms_of(quoted(std::string(256, 'x'))),
     {"rooms " + std::string(256, 'x')}, {std::string(256, 'x')}},
    {"M7_257UnitsAreTooLong", rooms_of(quoted(std::string(257, 'x'))), {}, {}, dropped(1)},
    {"M7_256TwoByteUnitsAreFine", rooms_of(quoted(times(256, "\u00e4"))),
     {"rooms " + times(256, "\u00e4")}, {times(256, "\u00e4")}},
    {"M7_128SurrogatePairsAre256Units", rooms_of(quoted(times(128, "\U0001f600"))),
     {"rooms " + times(128, "\U0001f600")}, {times(128, "\U0001f600")}},
    {"M7_129SurrogatePairsAreTooLong", rooms_of(quoted(times(129, "\U0001f600"))), {}, {},
     dropped(1)},
    {"M7_256EscapedUnitsAreFine", rooms_of(quoted(times(256, "\\u0078"))),
     {"rooms " + std::string(256, 'x')}, {std::string(256, 'x')}},
    {"M7_257EscapedUnitsAreTooLong", rooms_of(quoted(times(257, "\\u0078"))), {}, {}, dropped(1)},
    {"M7_ABlankIsAName", rooms_of(R"(" ")"), {"rooms  "}, {" "}},
    {"M7_ANulIsPartOfAName", rooms_of(R"("a\u0000b")"), {std::string("rooms a\0b", 9)},
     {std::string("a\0b", 3)}},
    {"M7_EscapedPairsBecomeOneCharacter", rooms_of(R"("\ud83d\ude00")"), {"rooms \U0001f600"},
     {"\U0001f600"}},
    {"M7_AHookMapsNames", rooms_of(R"("a")"), {"rooms a"}, {"t1/a"}, {}, Texts{"t1/a"}},
    {"M7_AHookAddsRooms", rooms_of(R"("a")"), {"rooms a"}, {"a", "b"}, {}, Texts{"a", "b"}},
    {"M7_AHookAllowsNone", rooms_of(R"("a")"), {"rooms a"}, {}, {}, Texts{}},
    {"M7_AHookAllowsSome", rooms_of(R"("a","b")"), {"rooms a b"}, {"b"}, {}, Texts{"b"}},
    {"M7_AHookRepeatsItself", rooms_of(R"("a")"), {"rooms a"}, {"a"}, {}, Texts{"a", "a"}},
    {"M7_AResultsEmptyNameIsDropped", rooms_of(R"("a")"), {"rooms a"}, {"a"}, dropped(1),
     Texts{"", "a"}},
    {"M7_AResultsPrefixIsDropped", rooms_of(R"("a")"), {"rooms a"}, {"a"}, dropped(1),
     Texts{"ws:room:a", "a"}},
    {"M7_AResultsLongNameIsDropped", rooms_of(R"("a")"), {"rooms a"}, {"a"}, dropped(1),
     Texts{"a", std::string(257, 'x')}},
    {"M10_NoRooms", "{}"},
    {"M10_DataNull", "null"},
    {"M10_DataOfAString", R"("a")"},
    {"M10_DataOfANumber", "7"},
    {"M10_DataOfAnArray", R"(["a"])"},
    {"M10_RoomsNull", R"({"rooms":null})"},
    {"M10_RoomsOfAString", R"({"rooms":"abc"})"},
    {"M10_RoomsOfANumber", R"({"rooms":7})"},
    {"M10_RoomsTrue", R"({"rooms":true})"},
    {"M10_RoomsOfAnObject", R"({"rooms":{"0":"a","length":1}})"},
    {"M10_RoomsInsideAnotherObject", R"({"x":{"rooms":["a"]}})"},
    {"M11_TheLastRoomsCount", R"({"rooms":["a"],"rooms":["b"]})", {"rooms b"}, {"b"}},
    {"M11_TheLastRoomsCountIfTheyAreNoneToo", R"({"rooms":["a"],"rooms":7})"},
    {"M11_TheKeyIsUnescaped", R"({"r\u006foms":["a"]})", {"rooms a"}, {"a"}},
    {"M16_ALoneSurrogateIsDropped", rooms_of(R"("\ud800","a\udc00","b")"), {"rooms b"}, {"b"},
     dropped(2)},
    {"M16_AResultInInvalidUtf8IsAThrow", rooms_of(R"("a")"), {"rooms a"}, {},
     {{"hook_failures", 1}}, Texts{"a", "\xff"}},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Each, JoinOfAClient, testing::ValuesIn(kJoins),
                         [](const auto& row) { return row.param.name; });

struct Leave {
  std::string name;
  std::string data;
  std::size_t left;  ///< Out of `a`, `b`, `ws:x`, the default rooms and its own.

  friend void PrintTo(const Leave& leave, std::ostream* out) { *out << leave.name; }
};

class LeaveOfAClient : public testing::TestWithParam<Leave> {};

TEST_P(LeaveOfAClient, LeavesWhatItIsIn) {
  World world;
  Client& client = world.enter();
  for (const char* room : {"a", "b", "ws:x"}) world.hub.join(client.session, room);
  std::string data = GetParam().data;
  if (const auto at = data.find("OWN"); at != std::string::npos) data.replace(at, 3, client.id());
  client.receive(message("leave", data));
  EXPECT_EQ(world.hub.room_count(client.session), kRoomsOfEach + 3 - GetParam().left);
  EXPECT_EQ(client.take_sent(), Texts{}) << "no reply";
  EXPECT_EQ(world.take_requests(), Texts{}) << "no hook has a say";
}

const std::vector<Leave> kLeaves = {
    {"M8_OneRoom", rooms_of(R"("a")"), 1},
    {"M8_SeveralRooms", rooms_of(R"("a","b")"), 2},
    {"M8_ARoomNamedTwice", rooms_of(R"("a","a")"), 1},
    {"M8_ADefaultRoom", rooms_of(R"("ws-default")"), 1},
    {"M8_BothDefaultRooms", rooms_of(R"("ws-default","ws-notification")"), 2},
    {"M8_TheRoomOfItsOwnId", rooms_of(R"("OWN")"), 1},
    {"M8_ARoomThatItIsNotIn", rooms_of(R"("c","a")"), 1},
    {"M8_ARoomThatItCouldNotHaveJoined", rooms_of(R"("ws:x")"), 1},
    {"M8_WhatIsNoStringIsIgnored", rooms_of(R"(1,null,["b"],"a")"), 1},
    {"M8_AnEmptyNameIsIgnored", rooms_of(R"("","a")"), 1},
    {"M8_ALoneSurrogateIsIgnored", rooms_of(R"("\ud800","a")"), 1},
    {"M8_NamesAreUnescaped", rooms_of(R"("\u0061")"), 1},
    {"M8_AnEmptyList", rooms_of(""), 0},
    {"M10_NoRoomsToLeave", "{}", 0},
    {"M10_NullToLeave", R"({"rooms":null})", 0},
    {"M10_AStringToLeave", R"({"rooms":"a"})", 0},
    {"M10_AnObjectToLeave", R"({"rooms":{"0":"a","length":1}})", 0},
    {"M10_NoDataToLeave", "null", 0},
    {"M11_TheLastRoomsAreLeft", R"({"rooms":["a","b"],"rooms":["a"]})", 1},
};

INSTANTIATE_TEST_SUITE_P(Each, LeaveOfAClient, testing::ValuesIn(kLeaves),
                         [](const auto& row) { return row.param.name; });

class RoomsTest : public testing::Test {
 protected:
  void join(std::string_view names) { client_->receive(message("join", rooms_of(names))); }
  bool in(std::string_view room) const { return world_.hub.in_room(client_->session, room); }

  static std::string names(std::size_t n) {
    std::string all;
    for (std::size_t i = 0; i < n; ++i) all += (i == 0 ? "\"r" : ",\"r") + std::to_string(i) + '"';
    return all;
  }

  World world_;
  Client* client_ = &world_.enter();
};

TEST_F(RoomsTest, M7WithoutAHookEachJoinIsRefused) {
  world_.delegate.has_hooks = false;
  join(R"("a")");
  join(R"("ws-default")");
  EXPECT_EQ(world_.hub.room_count(client_->session), kRoomsOfEach);
  EXPECT_EQ(world_.counted(), (Counts{{"joins_refused", 2}}));
}

TEST_F(RoomsTest, O18AHookThatThrowsJoinsNothingAndTheClientStays) {
  join(R"("a")");
  client_->session.on_rooms_result(std::nullopt);
  join(R"("b")");
  client_->session.on_rooms_result(Texts{"b"});
  EXPECT_FALSE(in("a"));
  EXPECT_TRUE(in("b"));
  EXPECT_EQ(client_->take_sent(), Texts{});
}

TEST_F(RoomsTest, D14TheRoomOfAnotherClientIsDroppedWhetherItIsHereOrNot) {
  const std::string here = world_.enter("bob").id();
  const std::string remote = ClientId::generate(system_random()).text();
  join(quoted(here) + "," + quoted(remote) + R"(,"a")");
  world_.complete_all();
  EXPECT_FALSE(in(here));
  EXPECT_FALSE(in(remote));
  EXPECT_TRUE(in("a"));
  EXPECT_EQ(world_.counted(), dropped(2));
}

TEST_F(RoomsTest, D14ItsOwnRoomCanBeJoinedAgain) {
  const std::string own = client_->id();
  client_->receive(message("leave", rooms_of(quoted(own))));
  EXPECT_EQ(world_.to_room(own, "x").accepted, 0u);
  join(quoted(own));
  world_.complete_all();
  EXPECT_EQ(world_.to_room(own, "x").accepted, 1u);
}

TEST_F(RoomsTest, D14AUuidWithoutTheChecksumIsAnOrdinaryName) {
  const std::string name = "00000000-0000-4000-8000-000000000000";
  join(quoted(name));
  world_.complete_all();
  EXPECT_TRUE(in(name));
}

TEST_F(RoomsTest, O13AThousandNamesInAJoinAreAccepted) {
  world_.results.rooms = Texts{};
  join(names(1'000));
  EXPECT_EQ(client_->take_sent(), Texts{});
  EXPECT_EQ(world_.delegate.open.front().rooms.size(), 1'000u);
}

TEST_F(RoomsTest, O13WithMoreNamesTheRestIsNotReadAndTheClientGetsAnError) {
  join(names(100'000));
  EXPECT_EQ(client_->take_sent(), Texts{error_text("Too many rooms")});
  EXPECT_EQ(world_.delegate.open.front().rooms.size(), 1'000u);
  EXPECT_EQ(world_.counted(), (Counts{{"too_many_rooms", 1}}));
  EXPECT_FALSE(client_->session.ended());
}

TEST_F(RoomsTest, O13ALeaveOfTooManyNamesGetsAnErrorToo) {
  world_.hub.join(client_->session, "r0");
  client_->receive(message("leave", rooms_of(names(1'001))));
  EXPECT_FALSE(in("r0"));
  EXPECT_EQ(client_->take_sent(), Texts{error_text("Too many rooms")});
  EXPECT_EQ(world_.counted(), (Counts{{"too_many_rooms", 1}}));
}

TEST_F(RoomsTest, O13AClientIsInAThousandRoomsAtMost) {
  join(names(1'000));
  world_.complete_all();
  EXPECT_EQ(world_.hub.room_count(client_->session), 1'000u);
  EXPECT_EQ(client_->take_sent(), Texts{error_text("Too many rooms")});
}

TEST_F(RoomsTest, O13ARoomThatItIsInCostsNothing) {
  world_.options.max_rooms_per_client = kRoomsOfEach;
  join(R"("ws-default")");
  world_.complete_all();
  EXPECT_EQ(client_->take_sent(), Texts{});
}

TEST_F(RoomsTest, O13LeavingMakesPlace) {
  world_.options.max_rooms_per_client = kRoomsOfEach;
  client_->receive(message("leave", rooms_of(R"("ws-default")")));
  join(R"("a")");
  world_.complete_all();
  EXPECT_TRUE(in("a"));
}

}  // namespace
}  // namespace wscast::session
