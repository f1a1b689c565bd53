#include "json_writer.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace wscast::program {
namespace {

TEST(JsonWriter, WritesMembersInTheirOrder) {
  JsonObjectWriter writer;
  writer.text("a", "x\"\n").optional_text("b", "").optional_text("c", "y");
  writer.raw("d", Json::text("[1, 2]")).raw("e", Json());
  EXPECT_EQ(writer.finish(), R"({"a":"x\"\n","c":"y","d":[1, 2]})");
  EXPECT_EQ(JsonObjectWriter().finish(), "{}");
}

TEST(JsonWriter, EachCharacterIsReadBackAsItWas) {
  for (int c = 0; c < 0x80; ++c) {
    const std::string text = "a" + std::string(1, static_cast<char>(c)) + "b";
    EXPECT_EQ(nlohmann::json::parse(json_string(text)), text) << c;
  }
  EXPECT_EQ(json_string("caf\u00e9 \U0001f600"), "\"caf\u00e9 \U0001f600\"");
}

TEST(JsonWriter, ATextThatIsNotUtf8IsStillJson) {
  EXPECT_EQ(json_string("a\xff"), "\"a\xef\xbf\xbd\"");
}

TEST(JsonWriter, ATimeIsInUtcWithMilliseconds) {
  using std::chrono::milliseconds;
  using std::chrono::system_clock;
  EXPECT_EQ(utc_text(system_clock::time_point(milliseconds(1'769'860'800'007))),
            "2026-01-31T12:00:00.007Z");
}

}  // namespace
}  // namespace wscast::program
