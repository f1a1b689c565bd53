// Inputs that broke other servers: each is validated, counted and survived.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/session_world.h"

namespace wscast::session {
namespace {

std::string nested(std::size_t depth, char open, char close) {
  return std::string(depth, open) + std::string(depth, close);
}

std::string event_with(std::string_view data) {
  return R"({"event":"e","data":)" + std::string(data) + "}";
}

struct Hostile {
  std::string name;
  std::string text;
  Texts sent{};
  Texts requested{};
  Counts counted{};
  bool binary = false;

  friend void PrintTo(const Hostile& row, std::ostream* out) { *out << row.name; }
};

class HostileInput : public testing::TestWithParam<Hostile> {};

TEST_P(HostileInput, IsValidatedAndSurvived) {
  World world;
  world.options.max_bytes_before_auth = 1'000'000;
  Client& client = world.enter();
  client.session.on_message(GetParam().binary, GetParam().text);
  EXPECT_EQ(client.take_sent(), GetParam().sent);
  EXPECT_EQ(world.take_requests(), GetParam().requested);
  EXPECT_EQ(world.counted(), GetParam().counted);
  world.complete_all();
  client.receive(R"({"event":"still","data":"here"})");
  EXPECT_EQ(world.take_requests(), Texts{R"(message still "here")"});
}

/// The same for a client that has not authenticated: the message is validated before the client.
TEST_P(HostileInput, IsValidatedBeforeAuthenticationToo) {
  World world;
  world.options.max_bytes_before_auth = 1'000'000;
  Client& client = world.open();
  client.session.on_message(GetParam().binary, GetParam().text);
  if (GetParam().requested.empty()) {
    EXPECT_EQ(client.take_sent(), GetParam().sent);
    EXPECT_EQ(world.counted(), GetParam().counted);
  } else {
    EXPECT_EQ(client.take_sent(), Texts{error_text("Not authenticated")});
    EXPECT_EQ(world.counted(), (Counts{{"not_authenticated", 1}}));
  }
  EXPECT_FALSE(client.session.ended());
}

const Texts kInvalid{error_text("Invalid message format")};
const Counts kInvalidCounted{{"invalid_messages", 1}};
const Counts kMalformed{{"malformed_envelopes", 1}};

std::string huge() {
  return std::string(10'000, '9') + "e" + std::string(1'000, '9');
}

// clang-format off
const std::vector<Hostile> kRows = {
    // Not JSON.
    {"M1_Nothing", "", kInvalid, {}, kInvalidCounted},
    {"M1_WhiteSpaceAlone", " \t\r\n ", kInvalid, {}, kInvalidCounted},
    {"M1_AnUnfinishedObject", R"({"event":"e")", kInvalid, {}, kInvalidCounted},
    {"M1_AnUnfinishedString", R"({"event":"e)", kInvalid, {}, kInvalidCounted},
    {"M1_TwoValues", R"({"event":"e"}{"event":"e"})", kInvalid, {}, kInvalidCounted},
    {"M1_SomethingBehind", R"({"event":"e"}x)", kInvalid, {}, kInvalidCounted},
    {"M1_ATrailingComma", R"({"event":"e",})", kInvalid, {}, kInvalidCounted},
    {"M1_SingleQuotes", R"({'event':'e'})", kInvalid, {}, kInvalidCounted},
    {"M1_ABareKey", R"({event:"e"})", kInvalid, {}, kInvalidCounted},
    {"M1_AComment", R"({"event":"e"/**/})", kInvalid, {}, kInvalidCounted},
    {"M1_NanIsNoNumber", event_with("NaN"), kInvalid, {}, kInvalidCounted},
    {"M1_InfinityIsNoNumber", event_with("-Infinity"), kInvalid, {}, kInvalidCounted},
    {"M1_ALeadingZero", event_with("01"), kInvalid, {}, kInvalidCounted},
    {"M1_ABareFraction", event_with("1."), kInvalid, {}, kInvalidCounted},
    {"M1_APlusSign", event_with("+1"), kInvalid, {}, kInvalidCounted},
    {"M1_AByteOrderMark", "\xef\xbb\xbf{\"event\":\"e\"}", kInvalid, {}, kInvalidCounted},
    {"M1_ANoBreakSpace", "\u00a0{\"event\":\"e\"}", kInvalid, {}, kInvalidCounted},
    {"M1_ANulByteBefore", std::string("\0{}", 3), kInvalid, {}, kInvalidCounted},
    {"M1_ANulByteBehind", std::string("{\"event\":\"e\"}\0", 14), kInvalid, {}, kInvalidCounted},
    {"M1_ANulByteInAString", std::string("{\"event\":\"e\0\"}", 14), kInvalid, {}, kInvalidCounted},
    {"M1_ALineFeedInAString", "{\"event\":\"e\n\"}", kInvalid, {}, kInvalidCounted},
    {"M1_AnUnknownEscape", R"({"event":"\x41"})", kInvalid, {}, kInvalidCounted},
    {"M1_AnEscapeCutShort", R"({"event":"\u00"})", kInvalid, {}, kInvalidCounted},
    {"M1_ABrokenMemberThatIsNotUsed", R"({"event":"e","x":tru})", kInvalid, {},
     kInvalidCounted},
    // JSON, but no message.
    {"M2_NullAlone", "null", {}, {}, kMalformed},
    {"M2_TrueAlone", "true", {}, {}, kMalformed},
    {"M2_ANumberAlone", "7", {}, {}, kMalformed},
    {"M2_AStringAlone", R"("authenticate")", {}, {}, kMalformed},
    {"M2_AnArrayOfAMessage", R"([{"event":"e"}])", {}, {}, kMalformed},
    {"M2_AnEmptyObject", "{}", {}, {}, kMalformed},
    {"M2_AnEmptyEvent", R"({"event":""})", {}, {}, kMalformed},
    {"M2_ANullEvent", R"({"event":null})", {}, {}, kMalformed},
    {"M2_ANumberAsEvent", R"({"event":7})", {}, {}, kMalformed},
    {"M2_TrueAsEvent", R"({"event":true})", {}, {}, kMalformed},
    {"M2_AnObjectAsEvent", R"({"event":{"toString":"join"}})", {}, {}, kMalformed},
    {"M2_AnArrayAsEvent", R"({"event":["authenticate"]})", {}, {}, kMalformed},
    {"M2_AnEventInsideAnother", R"({"data":{"event":"e"}})", {}, {}, kMalformed},
    {"M2_PrototypesAreKeys", R"({"__proto__":{"event":"e"}})", {}, {}, kMalformed},
    // Depth.
    {"M15_256LevelsAreFine", event_with(nested(255, '[', ']')), {},
     {"message e " + nested(255, '[', ']')}},
    {"M15_257LevelsAreTooDeep", event_with(nested(256, '[', ']')), kInvalid, {}, kInvalidCounted},
    {"M15_WideIsNotDeep", event_with("[[],[[]],[]]"), {}, {"message e [[],[[]],[]]"}},
    {"M15_100000Arrays", event_with(nested(100'000, '[', ']')), kInvalid, {}, kInvalidCounted},
    {"M15_100000ArraysAlone", nested(100'000, '[', ']'), kInvalid, {}, kInvalidCounted},
    {"M15_100000OpenArrays", std::string(100'000, '['), kInvalid, {}, kInvalidCounted},
    {"M15_100000OpenObjects", std::string(100'000, '{'), kInvalid, {}, kInvalidCounted},
    {"M15_DepthBehindTheEventCounts", R"({"event":"e","x":)" + nested(300, '[', ']') + "}",
     kInvalid, {}, kInvalidCounted},
    {"M15_BracketsInAStringAreNoDepth", event_with('"' + std::string(1'000, '[') + '"'), {},
     {"message e \"" + std::string(1'000, '[') + '"'}},
    // Surrogates, NUL and other odd characters.
    {"M16_ALoneSurrogateInData", event_with(R"("\ud800")"), {}, {R"(message e "\ud800")"}},
    {"M16_ALoneSurrogateInAnEvent", R"({"event":"\ud800"})", {}, {}, kMalformed},
    {"M16_ALowSurrogateFirstInAnEvent", R"({"event":"\ude00\ud83d"})", {}, {}, kMalformed},
    {"M16_APairInAnEvent", R"({"event":"\ud83d\ude00"})", {}, {"message \U0001f600 -"}},
    {"M9_AnEscapedNulInAnEvent", R"({"event":"e\u0000f"})", {},
     {std::string("message e\0f -", 13)}},
    {"M9_AnEscapedNulDoesNotEndAnEvent", R"({"event":"join\u0000"})", {},
     {std::string("message join\0 -", 15)}},
    {"M9_AnEscapedNulInData", event_with(R"("\u0000")"), {}, {R"(message e "\u0000")"}},
    {"M9_LineSeparatorsInData", event_with("\"\u2028\""), {}, {"message e \"\u2028\""}},
    {"M9_ABlankEvent", R"({"event":" "})", {}, {"message   -"}},
    {"M9_ALongEvent", R"({"event":")" + std::string(50'000, 'e') + R"("})", {},
     {"message " + std::string(50'000, 'e') + " -"}},
    // Numbers stay text.
    {"M9_ANumberOverEveryRange", event_with("1e999"), {}, {"message e 1e999"}},
    {"M9_MinusZero", event_with("-0"), {}, {"message e -0"}},
    {"M9_ALongInteger", event_with("12345678901234567890"), {}, {"message e 12345678901234567890"}},
    {"M9_ANumberOf10000Digits", event_with(huge()), {}, {"message e " + huge()}},
    {"M9_10000BlanksInData", event_with("[" + std::string(10'000, ' ') + "]"), {},
     {"message e [" + std::string(10'000, ' ') + "]"}},
    // Binary.
    {"M12_AnEmptyBinaryMessage", "", kInvalid, {}, kInvalidCounted, true},
    {"M12_RandomBytes", "\x01\x02\x80\xfe\xff", kInvalid, {}, kInvalidCounted, true},
    {"M12_ACutCharacter", "{\"event\":\"e\",\"data\":\"\xe2\x82\"}", kInvalid, {}, kInvalidCounted,
     true},
    {"M12_ACharacterAboveUnicode", "{\"event\":\"e\",\"data\":\"\xf4\x90\x80\x80\"}", kInvalid, {},
     kInvalidCounted, true},
    {"M12_Utf16", std::string("{\0}\0", 4), kInvalid, {}, kInvalidCounted, true},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Each, HostileInput, testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

/// Invalid UTF-8 in text messages ends the connection before a session sees it (1007); one that
/// comes through all the same does no harm.
TEST(HostileText, M12InvalidUtf8OutsideAStringIsNoJson) {
  World world;
  Client& client = world.enter();
  client.receive("\xff\xfe");
  EXPECT_EQ(client.take_sent(), kInvalid);
  EXPECT_EQ(world.counted(), kInvalidCounted);
}

}  // namespace
}  // namespace wscast::session
