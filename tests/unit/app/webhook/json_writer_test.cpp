#include "webhook/json_writer.h"

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

TEST(JsonWriter, WritesMembersInTheirOrder) {
  JsonObjectWriter writer;
  writer.text("a", "x\"\n").optional_text("b", "").optional_text("c", "y");
  writer.raw("d", Json::text("[1, 2]")).raw("e", Json());
  EXPECT_EQ(writer.finish(), R"({"a":"x\"\n","c":"y","d":[1, 2]})");
  EXPECT_EQ(JsonObjectWriter().finish(), "{}");
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
