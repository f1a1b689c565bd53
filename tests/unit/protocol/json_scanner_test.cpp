#include "protocol/json_scanner.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::protocol {
namespace {

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

std::string nested_objects(std::size_t depth) {
  std::string text;
  for (std::size_t i = 1; i < depth; ++i) text += R"({"a":)";
  return text + "{}" + std::string(depth - 1, '}');
}

std::string in_quotes(std::string_view plain) {
  return std::string(1, '"').append(plain).append(1, '"');
}

/// The text of the member `name`; "-" when there is none or no object.
std::string member(std::string_view text, std::string_view name) {
  const std::array names = {name};
  std::array<std::optional<JsonValue>, 1> values;
  if (scan_object(text, names, values) != ObjectScan::object || !values[0]) return "-";
  return std::string(values[0]->text);
}

std::vector<std::string> elements(std::string_view array) {
  std::vector<std::string> texts;
  JsonArrayReader reader(array);
  while (const auto element = reader.next()) texts.emplace_back(element->text);
  return texts;
}

TEST(JsonScanner, TellsTheKindOfTheValue) {
  EXPECT_EQ(scan_json(" {} ")->kind, JsonKind::object);
  EXPECT_EQ(scan_json(" [1] ")->kind, JsonKind::array);
  EXPECT_EQ(scan_json(R"( "{" )")->kind, JsonKind::string);
  EXPECT_EQ(scan_json(" -1 ")->kind, JsonKind::number);
  EXPECT_EQ(scan_json("0")->kind, JsonKind::number);
  EXPECT_EQ(scan_json("true")->kind, JsonKind::boolean);
  EXPECT_EQ(scan_json("false")->kind, JsonKind::boolean);
  EXPECT_EQ(scan_json("null")->kind, JsonKind::null);
}

TEST(JsonScanner, M15_NestingUpToTheLimitIsValid) {
  EXPECT_TRUE(scan_json(nested(255)));
  EXPECT_TRUE(scan_json(nested(256)));
  EXPECT_FALSE(scan_json(nested(257)));
  EXPECT_TRUE(scan_json(nested_objects(256)));
  EXPECT_FALSE(scan_json(nested_objects(257)));
}

TEST(JsonScanner, M15_ArraysAndObjectsCountTogether) {
  const std::string open = R"({"a":[)";
  std::string text;
  for (int i = 0; i < 128; ++i) text += open;
  text += "1";
  for (int i = 0; i < 128; ++i) text += "]}";
  EXPECT_TRUE(scan_json(text));
  EXPECT_FALSE(scan_json("[" + text + "]"));
}

TEST(JsonScanner, M15_NestingThatWasLeftDoesNotCount) {
  std::string text = "[";
  for (int i = 0; i < 300; ++i) text += "[{}],";
  EXPECT_TRUE(scan_json(text + "0]", 3));
  EXPECT_FALSE(scan_json(text + "0]", 2));
}

TEST(JsonScanner, M15_HoweverDeepATextIsItOnlyIsInvalid) {
  EXPECT_FALSE(scan_json(std::string(100'000, '[')));
  EXPECT_FALSE(scan_json(nested(100'000)));
  EXPECT_FALSE(scan_json(nested_objects(100'000)));
  EXPECT_FALSE(scan_json(nested(100'000), 1'000'000));
  EXPECT_EQ(member(R"({"a":)" + nested(100'000) + "}", "a"), "-");
}

TEST(JsonScanner, TakesALowerDepthLimit) {
  EXPECT_TRUE(scan_json("1", 0));
  EXPECT_FALSE(scan_json("[]", 0));
  EXPECT_TRUE(scan_json("[]", 1));
  EXPECT_FALSE(scan_json("[[]]", 1));
  std::array<std::optional<JsonValue>, 0> none;
  EXPECT_EQ(scan_object("{}", {}, none, 0), ObjectScan::invalid);
  EXPECT_EQ(scan_object("{}", {}, none, 1), ObjectScan::object);
  EXPECT_EQ(scan_object(R"({"a":[]})", {}, none, 1), ObjectScan::invalid);
  EXPECT_EQ(scan_object(R"({"a":[]})", {}, none, 2), ObjectScan::object);
}

TEST(JsonScanner, ObjectScanTellsInvalidTextsFromOtherValues) {
  std::array<std::optional<JsonValue>, 0> none;
  for (const auto* text : {"1", "null", "[]", R"("{}")", " true "}) {
    EXPECT_EQ(scan_object(text, {}, none), ObjectScan::not_object) << text;
  }
  for (const auto* text : {"", " ", "{", "{} x", "{}{}", R"({"a":1,})", "[", "nul", R"({"a"})"}) {
    EXPECT_EQ(scan_object(text, {}, none), ObjectScan::invalid) << text;
  }
}

TEST(JsonScanner, FindsTheTextOfMembers) {
  const std::array<std::string_view, 3> names = {"b", "none", "a"};
  std::array<std::optional<JsonValue>, 3> values;
  ASSERT_EQ(scan_object(R"( { "a" : [ 1, 2 ] , "b" :"x", "c":{"none":1}} )", names, values),
            ObjectScan::object);
  EXPECT_EQ(values[0]->text, R"("x")");
  EXPECT_EQ(values[0]->kind, JsonKind::string);
  EXPECT_FALSE(values[1]);
  EXPECT_EQ(values[2]->text, "[ 1, 2 ]");
  EXPECT_EQ(values[2]->kind, JsonKind::array);
}

TEST(JsonScanner, M1_AColonAndAValueStandBehindEachName) {
  for (const auto* text : {R"({"a"1})", R"({"a"11})", R"({"a",1})", R"({"a""1"})", R"({"a":})",
                           R"({"a":,1})", R"({"a)", R"({"a")", R"({"a":)", R"({"a"}:1})"}) {
    EXPECT_EQ(member(text, "a"), "-") << text;
  }
  EXPECT_EQ(member(R"({"a":11})", "a"), "11");
  EXPECT_EQ(member(R"({"a" :11})", "a"), "11");
  EXPECT_EQ(member(R"({"ab":1,"a":2})", "a"), "2");
}

TEST(JsonScanner, FormerAnswersDoNotShineThrough) {
  const std::array<std::string_view, 1> names = {"a"};
  std::array<std::optional<JsonValue>, 1> values = {JsonValue{JsonKind::number, "1"}};
  ASSERT_EQ(scan_object("{}", names, values), ObjectScan::object);
  EXPECT_FALSE(values[0]);
}

TEST(JsonScanner, M11_OfDuplicateKeysTheLastCounts) {
  EXPECT_EQ(member(R"({"a":1,"b":2,"a":3})", "a"), "3");
  EXPECT_EQ(member(R"({"a":1,"a":null})", "a"), "null");
  EXPECT_EQ(member(R"({"a":1,"\u0061":2})", "a"), "2");
  EXPECT_EQ(member(R"({"\u0061":1,"a":2})", "a"), "2");
}

TEST(JsonScanner, M11_KeysAreComparedAfterUnescaping) {
  EXPECT_EQ(member(R"({"ev\u0065nt":1})", "event"), "1");
  EXPECT_EQ(member(R"({"\u0065\u0076\u0065\u006E\u0074":1})", "event"), "1");
  EXPECT_EQ(member(R"({"\"\\\/\b\f\n\r\t":1})", "\"\\/\b\f\n\r\t"), "1");
  EXPECT_EQ(member(R"({"\ud83d\ude00":1})", "\xf0\x9f\x98\x80"), "1");
  EXPECT_EQ(member(R"({"event\u0000":1})", "event"), "-");
  EXPECT_EQ(member(R"({"event\ud800":1})", "event"), "-");
  EXPECT_EQ(member(R"({"even":1})", "event"), "-");
  EXPECT_EQ(member(R"({"events":1})", "event"), "-");
  EXPECT_EQ(member(R"({"Event":1})", "event"), "-");
  EXPECT_EQ(member(R"({"\\u0065vent":1})", "event"), "-");
}

TEST(JsonScanner, AnEmptyKeyIsAKey) {
  EXPECT_EQ(member(R"({"":1})", ""), "1");
  EXPECT_EQ(member(R"({"a":1})", ""), "-");
}

TEST(JsonScanner, M1_NulBytesAreNeitherSpaceNorEnd) {
  using namespace std::string_view_literals;
  EXPECT_FALSE(scan_json("\0"sv));
  EXPECT_FALSE(scan_json("1\0"sv));
  EXPECT_FALSE(scan_json("\"\0\""sv));
  EXPECT_FALSE(scan_json("[\0]"sv));
  EXPECT_FALSE(scan_json("{\"a\":1}\0"sv));
}

TEST(JsonScanner, M1_EveryControlCharacterIsRefusedAtEveryPlaceOfAString) {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (char c = 0; c < 0x20; ++c) {
        std::string text = in_quotes(std::string(size, 'x'));
        text[1 + at] = c;
        ASSERT_FALSE(scan_json(text)) << size << ' ' << at << ' ' << int{c};
      }
    }
  }
}

TEST(JsonScanner, StringsEndAtTheirQuoteWhereverItStands) {
  // All other bytes, those beside the special ones among them, are plain characters.
  const std::string plain = "\x20!#[]^_`\x7f\x80\xa2\xdc\xdf\xe2\xff ";
  for (std::size_t size = 0; size <= 40; ++size) {
    std::string run;
    for (std::size_t i = 0; i < size; ++i) run += plain[(i + size) % plain.size()];
    const auto first = in_quotes(run);
    const auto second = in_quotes(R"(\")" + run + R"(\\)");
    const auto texts = elements("[" + first + "," + second + "]");
    ASSERT_EQ(texts.size(), 2u) << size;
    EXPECT_EQ(texts[0], first);
    EXPECT_EQ(texts[1], second);
    EXPECT_FALSE(scan_json(first.substr(0, first.size() - 1)));
    EXPECT_FALSE(scan_json(in_quotes(run + '\\')));
  }
}

TEST(JsonScanner, WhatStandsBehindTheTextIsNotRead) {
  for (const std::string_view whole : {R"("0123456789\u12ab\n")", R"({"a":[true,false,null]})",
                                       R"(["\u1234","\\"])", "[-12.5e+10]"}) {
    ASSERT_TRUE(scan_json(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      // Once with the rest behind it, once ending where its memory does.
      EXPECT_FALSE(scan_json(whole.substr(0, size))) << whole << size;
      const std::vector<char> exact(whole.begin(), whole.begin() + size);
      EXPECT_FALSE(scan_json({exact.data(), exact.size()})) << whole << size;
    }
  }
}

TEST(JsonScanner, TakesLongTexts) {
  const std::string text = "[\"" + std::string(1 << 20, 'x') + "\"," + std::string(1 << 20, ' ') +
                           std::string(1 << 20, '9') + "]";
  EXPECT_TRUE(scan_json(text));
  EXPECT_FALSE(scan_json(text.substr(0, text.size() - 1)));
}

TEST(JsonArrayReader, HandsOutTheElementsInOrder) {
  EXPECT_EQ(elements(R"([1, "a,]" ,[2,3],{"b":[4]},null])"),
            (std::vector<std::string>{"1", R"("a,]")", "[2,3]", R"({"b":[4]})", "null"}));
  EXPECT_TRUE(elements("[]").empty());
  EXPECT_TRUE(elements("[ \n ]").empty());
}

TEST(JsonArrayReader, TellsTheKindsAndStaysAtTheEnd) {
  JsonArrayReader reader(R"(["a",1])");
  EXPECT_EQ(reader.next()->kind, JsonKind::string);
  EXPECT_EQ(reader.next()->kind, JsonKind::number);
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.next());
}

}  // namespace
}  // namespace wscast::protocol
