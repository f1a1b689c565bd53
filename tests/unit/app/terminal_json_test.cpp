#include "terminal_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "one_line.h"

namespace wscast::program {
namespace {

TEST(TerminalJson, WhatATerminalObeysIsEscapedAndStaysTheSameJson) {
  for (const char* text : {"\x7f", "\u0080", "\u009b31m", "\u009f", "\u202e", "\u2066", "\u200f",
                           "\u2028", "\ufeff"}) {
    const std::string json = "{\"a\":\"x" + std::string(text) + "y\"}";
    const std::string shown = terminal_json(json);
    EXPECT_EQ(shown.find(text), std::string::npos) << shown;
    EXPECT_EQ(nlohmann::json::parse(shown), nlohmann::json::parse(json));
  }
  EXPECT_EQ(terminal_json("\"\u009b\""), R"("\u009b")");
}

TEST(TerminalJson, OtherTextStaysAsItCame) {
  for (const char* json : {"{\"a\":1.50, \"b\" :[ ]}", "\"caf\u00e9 \u00a0 \U0001f600\"", ""}) {
    EXPECT_EQ(terminal_json(json), json);
  }
  EXPECT_EQ(terminal_json("{\n\t\"a\":\r\n1}"), "{  \"a\":  1}");
}

TEST(TerminalJson, BytesThatAreNotUtf8AreReplaced) {
  for (const char* bytes : {"\x9b", "\xff", "\xc2", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                            "\xf4\x90\x80\x80", "\xf0\x9f"}) {
    const std::string shown = terminal_json("\"" + std::string(bytes) + "\"");
    for (const char c : shown) EXPECT_TRUE(c >= ' ' && c < 0x7f) << shown;
  }
  EXPECT_EQ(terminal_json("\x1b[31m"), "\\u001b[31m");
}

TEST(TerminalJson, AnyTextBecomesAString) {
  EXPECT_EQ(terminal_string("a\"\x1b\u009b\n"), R"("a\"\u001b\u009b\n")");
}

TEST(OneLine, ControlCharactersAreShown) {
  EXPECT_EQ(one_line("a\x1b[31m\nb\x7f"), R"(a\x1b[31m\x0ab\x7f)");
  EXPECT_EQ(one_line("a\u009b31m caf\u00e9"), "a\\xc2\\x9b31m caf\u00e9");
}

}  // namespace
}  // namespace wscast::program
