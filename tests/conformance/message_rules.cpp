#include "conformance/harness.h"

namespace wscast::conformance {
namespace {

using Seen = std::vector<std::string>;

Rule after_upgrade(std::string name, const std::string& input, Seen seen) {
  seen.insert(seen.begin(), "HTTP 101");
  return {std::move(name), request() + input, std::move(seen)};
}

Seen failed(int code) {
  return {"close " + std::to_string(code), "end"};
}

void add_fragments(std::vector<Rule>& rules) {
  const auto add = [&rules](const char* name, const std::string& input, Seen seen) {
    rules.push_back(after_upgrade(name, input, std::move(seen)));
  };
  add("S5_4_TwoFragments", text("a", false) + more("b"), {"text ab"});
  add("S5_4_ManyFragments", text("a", false) + more("b", false) + more("c", false) + more("d"),
      {"text abcd"});
  add("S5_4_BinaryFragments", binary("\xff", false) + more("\xfe"), {"binary \xff\xfe"});
  add("S5_4_EmptyFragments", text("", false) + more("", false) + more(""), {"text "});
  add("S5_4_EmptyFirstFragment", text("", false) + more("x"), {"text x"});
  add("S5_4_EmptyLastFragment", text("x", false) + more(""), {"text x"});
  add("S5_4_PingBetweenFragments", text("a", false) + ping("pq") + more("b"),
      {"pong pq", "text ab"});
  add("S5_4_PongBetweenFragments", text("a", false) + frame(0x8a, "p") + more("b"), {"text ab"});
  add("S5_4_CloseBetweenFragments", text("a", false) + close(1000) + more("b"),
      {"close 1000", "end"});
  add("S5_4_TwoFragmentedMessages", text("a", false) + more("b") + binary("c", false) + more("d"),
      {"text ab", "binary cd"});
  add("S5_4_ContinuationWithoutAStartFails", more("x"), failed(1002));
  add("S5_4_UnfinishedContinuationWithoutAStartFails", more("x", false), failed(1002));
  add("S5_4_ContinuationAfterAWholeMessageFails", text("a") + more("b"),
      {"text a", "close 1002", "end"});
  add("S5_4_ContinuationAfterTheLastFragmentFails", text("a", false) + more("b") + more("c"),
      {"text ab", "close 1002", "end"});
  add("S5_4_TextInsideATextFails", text("a", false) + text("b"), failed(1002));
  add("S5_4_TextInsideABinaryFails", binary("a", false) + text("b"), failed(1002));
  add("S5_4_BinaryInsideATextFails", text("a", false) + binary("b"), failed(1002));
  add("S5_4_UnfinishedTextInsideATextFails", text("a", false) + text("b", false), failed(1002));

  std::string many = text("x", false);
  for (int i = 0; i < 4094; ++i) many += more("x", false);
  add("S5_4_NoLimitOnTheNumberOfFragments", many + more("x"),
      {shown("text", std::string(4096, 'x'))});
  add("S7_4_1_TheSumOfFragmentsIsLimited",
      binary(std::string(60'000, 'x'), false) + more(std::string(10'001, 'x')).substr(0, 8),
      failed(1009));
}

void add_closes(std::vector<Rule>& rules) {
  for (const std::uint16_t code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013,
                                   1014, 3000, 3999, 4000, 4999}) {
    rules.push_back(after_upgrade("S7_4_Code" + std::to_string(code) + "IsEchoed", close(code),
                                  {"close " + std::to_string(code), "end"}));
  }
  for (const std::uint16_t code :
       {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65'535}) {
    rules.push_back(
        after_upgrade("S7_4_Code" + std::to_string(code) + "IsInvalid", close(code), failed(1002)));
  }
  const auto add = [&rules](const char* name, const std::string& input, Seen seen) {
    rules.push_back(after_upgrade(name, input, std::move(seen)));
  };
  const std::string long_reason(123, 'r');
  add("S5_5_1_WithoutAPayloadIsAnsweredSo", frame(0x88, ""), {"close 1005", "end"});
  add("S5_5_1_APayloadOfOneByteFails", frame(0x88, "\x03"), failed(1002));
  add("S5_5_1_TheReasonIsEchoed", close(1000, "bye"), {"close 1000 bye", "end"});
  add("S5_5_1_TheLongestReasonIsEchoed", close(1000, long_reason),
      {"close 1000 " + long_reason, "end"});
  add("S5_5_1_AReasonInUtf8IsEchoed", close(1000, "\xc3\xa9"), {"close 1000 \xc3\xa9", "end"});
  add("S5_5_1_AReasonThatIsNoUtf8Fails", close(1000, "\xff"), failed(1007));
  add("S5_5_1_AReasonCutInsideACharacterFails", close(1000, "\xe2\x82"), failed(1007));
  add("S5_5_1_NothingIsReadAfterAClose", close(1000) + text("late"), {"close 1000", "end"});
  add("S5_5_1_APingAfterACloseIsNotAnswered", close(1000) + ping("late"), {"close 1000", "end"});
  add("S5_5_1_ASecondCloseChangesNothing", close(1000) + close(1001), {"close 1000", "end"});
  add("S5_5_1_WhatCameBeforeIsAnsweredFirst", text("a") + ping("b") + close(1001),
      {"text a", "pong b", "close 1001", "end"});
  add("S7_1_7_NothingIsReadAfterAFailure", frame(0x83, "") + text("late") + close(1000),
      failed(1002));
}

struct Utf8Case {
  const char* name;
  std::string bytes;
};

std::vector<Utf8Case> valid_utf8() {
  return {{"Ascii", "Hello"},
          {"Nul", std::string("\0", 1)},
          {"Greek", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"},
          {"LeastOfTwoBytes", "\xc2\x80"},
          {"MostOfTwoBytes", "\xdf\xbf"},
          {"LeastOfThreeBytes", "\xe0\xa0\x80"},
          {"BelowTheSurrogates", "\xed\x9f\xbf"},
          {"AboveTheSurrogates", "\xee\x80\x80"},
          {"MostOfThreeBytes", "\xef\xbf\xbf"},
          {"LeastOfFourBytes", "\xf0\x90\x80\x80"},
          {"MostOfAll", "\xf4\x8f\xbf\xbf"},
          {"Mixed", "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"}};
}

/// Each ends with the first byte after which no text is possible.
std::vector<Utf8Case> invalid_utf8() {
  return {{"LoneTail", "\x80"},
          {"LoneLastTail", "\xbf"},
          {"TailAfterText", "abc\x80"},
          {"TooManyTails", "\xc3\xa9\x80"},
          {"OverlongSlash2", "\xc0"},
          {"OverlongC1", "\xc1"},
          {"OverlongSlash3", "\xe0\x80"},
          {"Overlong3Most", "\xe0\x9f"},
          {"Overlong4", "\xf0\x80"},
          {"Overlong4Most", "\xf0\x8f"},
          {"FirstSurrogate", "\xed\xa0"},
          {"LastSurrogate", "\xed\xbf"},
          {"AboveUnicode", "\xf4\x90"},
          {"F5", "\xf5"},
          {"F8FiveBytes", "\xf8"},
          {"FcSixBytes", "\xfc"},
          {"FE", "\xfe"},
          {"FF", "\xff"},
          {"Cut2ByAscii", "\xc3z"},
          {"Cut3ByAscii", "\xe2\x82z"},
          {"Cut4ByAscii", "\xf0\x9f\x98z"},
          {"Cut4ByLead", "\xf0\x9f\xc3"},
          {"GreekThenSurrogate", "\xce\xba\xed\xa0"}};
}

void add_utf8(std::vector<Rule>& rules) {
  for (const auto& [name, bytes] : valid_utf8()) {
    rules.push_back(
        after_upgrade(std::string("S8_1_Valid") + name, text(bytes), {shown("text", bytes)}));
    if (bytes.size() < 2) continue;
    rules.push_back(after_upgrade(std::string("S8_1_Valid") + name + "CutByFragments",
                                  text(bytes.substr(0, 1), false) + more(bytes.substr(1)),
                                  {shown("text", bytes)}));
  }
  for (const auto& [name, bytes] : invalid_utf8()) {
    rules.push_back(
        after_upgrade(std::string("S8_1_Invalid") + name, text(bytes + "rest"), failed(1007)));
    // The rest of the frame, or of the message, is not awaited.
    const std::string whole = text(bytes + "a long rest that never comes");
    rules.push_back(after_upgrade(std::string("S8_1_Invalid") + name + "IsRefusedAtOnce",
                                  whole.substr(0, 6 + bytes.size()), failed(1007)));
    rules.push_back(after_upgrade(std::string("S8_1_Invalid") + name + "InALaterFragment",
                                  text("ok", false) + more(bytes, false), failed(1007)));
  }
  rules.push_back(
      after_upgrade("S8_1_AMessageThatEndsInsideACharacter", text("\xe2\x82"), failed(1007)));
  rules.push_back(after_upgrade("S8_1_FragmentsThatEndInsideACharacter",
                                text("\xf0\x9f", false) + more("\x98"), failed(1007)));
  rules.push_back(
      after_upgrade("S8_1_BinaryMayHoldAnything", binary("\xff\xfe\x80"), {"binary \xff\xfe\x80"}));
}

}  // namespace

std::vector<Rule> message_rules() {
  std::vector<Rule> rules;
  add_fragments(rules);
  add_closes(rules);
  add_utf8(rules);
  return rules;
}

}  // namespace wscast::conformance
