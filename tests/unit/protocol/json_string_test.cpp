#include "protocol/json_string.h"

#include <cstdio>

#include <gtest/gtest.h>

namespace wscast::protocol {
namespace {

using namespace std::string_literals;

std::string in_quotes(std::string_view text) {
  std::string out(quoted_size(text), '?');
  EXPECT_EQ(write_quoted(out.data(), text), out.data() + out.size());
  return out;
}

std::string encoded(char32_t point) {
  if (point < 0x80) return {static_cast<char>(point)};
  const auto tail = [point](int shift) { return static_cast<char>(0x80 | (point >> shift & 63)); };
  if (point < 0x800) return {static_cast<char>(0xc0 | point >> 6), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xe0 | point >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xf0 | point >> 18), tail(12), tail(6), tail(0)};
}

std::string escaped_unit(char32_t unit) {
  char out[7];
  std::snprintf(out, sizeof out, "\\u%04x", static_cast<unsigned>(unit & 0xffff));
  return out;
}

TEST(JsonString, DecodesPlainText) {
  EXPECT_EQ(decode_json_string(R"("")"), "");
  EXPECT_EQ(decode_json_string(R"("a b/c")"), "a b/c");
  EXPECT_EQ(decode_json_string("\"\xc3\xb6\xf0\x9f\x98\x80\""), "\xc3\xb6\xf0\x9f\x98\x80");
}

TEST(JsonString, DecodesEveryShortEscape) {
  EXPECT_EQ(decode_json_string(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(decode_json_string(R"("a\nb\\n")"), "a\nb\\n");
}

TEST(JsonString, DecodesEveryCodePoint) {
  for (char32_t point = 0; point <= 0x10ffff; point += point < 0x3000 ? 1 : 61) {
    if (point >= 0xd800 && point <= 0xdfff) continue;
    std::string text = "\"";
    if (point >= 0x10000) {
      text += escaped_unit(0xd800 + ((point - 0x10000) >> 10));
      text += escaped_unit(0xdc00 + ((point - 0x10000) & 0x3ff));
    } else {
      text += escaped_unit(point);
    }
    ASSERT_EQ(decode_json_string(text + '"'), encoded(point)) << std::hex << unsigned{point};
  }
  EXPECT_EQ(decode_json_string(R"("\ud7ff\ue000\uffff\ud800\udc00\udbff\udfff")"),
            "\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}

TEST(JsonString, DecodesHexDigitsOfBothCases) {
  EXPECT_EQ(decode_json_string(R"("\u00E9\u00e9\uABCD\uabcd")"),
            "\xc3\xa9\xc3\xa9\xea\xaf\x8d\xea\xaf\x8d");
}

TEST(JsonString, DecodesNul) {
  EXPECT_EQ(decode_json_string(R"("a\u0000b")"), "a\0b"s);
}

TEST(JsonString, M16_ALoneSurrogateIsNoUtf8) {
  for (const auto* text :
       {R"("\ud800")", R"("\udbff")", R"("\udc00")", R"("\udfff")", R"("a\ud800b")",
        R"("\ud800\ud800")", R"("\ude00\ud83d")", R"("\ud800\n")", R"("\ud800\u0041")",
        R"("\ud83d\ude00\ude00")", R"("\ud800\ud83d\ude00")"}) {
    EXPECT_EQ(decode_json_string(text), std::nullopt) << text;
  }
}

TEST(JsonString, EqualsComparesTheCharacters) {
  EXPECT_TRUE(json_string_equals(R"("")", ""));
  EXPECT_TRUE(json_string_equals(R"("abc")", "abc"));
  EXPECT_TRUE(json_string_equals(R"("a\u0062c")", "abc"));
  EXPECT_TRUE(json_string_equals(R"("\u0061\u0062\u0063")", "abc"));
  EXPECT_TRUE(json_string_equals(R"("\u20ac")", "\xe2\x82\xac"));
  EXPECT_FALSE(json_string_equals(R"("abc")", "ab"));
  EXPECT_FALSE(json_string_equals(R"("abc")", "abcd"));
  EXPECT_FALSE(json_string_equals(R"("abc")", ""));
  EXPECT_FALSE(json_string_equals(R"("ab\u0063")", "ab"));
  EXPECT_FALSE(json_string_equals(R"("ab\ud800")", "ab"));
  EXPECT_FALSE(json_string_equals(R"("\u0061")", "ab"));
  EXPECT_FALSE(json_string_equals(R"("")", "a"));
}

TEST(JsonString, Utf16LengthCountsAsJavaScript) {
  EXPECT_EQ(utf16_length(""), 0u);
  EXPECT_EQ(utf16_length("abc"), 3u);
  EXPECT_EQ(utf16_length("\xc3\xb6\xe2\x82\xac"), 2u);
  EXPECT_EQ(utf16_length("\xef\xbf\xbf"), 1u);
  EXPECT_EQ(utf16_length("\xf0\x90\x80\x80"), 2u);
  EXPECT_EQ(utf16_length("x\xf0\x9f\x98\x80y"), 4u);
}

TEST(JsonString, D15_WritesTheEscapesOfJsonStringify) {
  EXPECT_EQ(in_quotes(""), R"("")");
  EXPECT_EQ(in_quotes("a/b'c"), R"("a/b'c")");
  EXPECT_EQ(in_quotes("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
  EXPECT_EQ(in_quotes("\0\x01\x0b\x0e\x1a\x1f"s), R"("\u0000\u0001\u000b\u000e\u001a\u001f")");
  EXPECT_EQ(in_quotes("\x7f"), "\"\x7f\"");
  EXPECT_EQ(in_quotes("\xc3\xb6\xe2\x80\xa8\xf0\x9f\x98\x80"),
            "\"\xc3\xb6\xe2\x80\xa8\xf0\x9f\x98\x80\"");
}

TEST(JsonString, WhatIsWrittenIsReadBack) {
  for (int code = 0; code < 0x80; ++code) {
    const std::string text = {'x', static_cast<char>(code), 'y'};
    EXPECT_EQ(decode_json_string(in_quotes(text)), text);
    EXPECT_TRUE(json_string_equals(in_quotes(text), text));
  }
}

}  // namespace
}  // namespace wscast::protocol
