#include "wscast/json_fields.h"

#include <gtest/gtest.h>

#include "protocol/verified_json.h"

namespace wscast {
namespace {

JsonFields fields(std::string_view text) {
  return JsonFields::of(Json::text(text)).value();
}

TEST(JsonFields, ReadsNothingButValidObjects) {
  for (const auto* text : {"", "{", "[]", "null", "1", R"("{}")", R"({"a":1,})", "{\"\xff\":1}",
                           "{\"a\":\"\xed\xa0\x80\"}"}) {
    EXPECT_FALSE(JsonFields::of(Json::text(text))) << text;
  }
  EXPECT_FALSE(JsonFields::of(Json()));
  EXPECT_TRUE(JsonFields::of(Json::text(" {} ")));
}

TEST(JsonFields, ReadsWhatTheLibraryHandsOut) {
  const auto read = JsonFields::of(protocol::VerifiedJson::of(R"({"a":"b"})"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->string("a"), "b");
  EXPECT_FALSE(JsonFields::of(protocol::VerifiedJson::of("[]")));
}

TEST(JsonFields, RawMembersAreVerifiedTexts) {
  const auto read = fields(R"({"a": {"b" : [1]} ,"n":null})");
  EXPECT_EQ(read.raw("a").view(), R"({"b" : [1]})");
  EXPECT_TRUE(read.raw("a").verified());
  EXPECT_EQ(read.raw("n").view(), "null");
  EXPECT_FALSE(read.raw("b").present());
  EXPECT_FALSE(read.raw("b").verified());
}

TEST(JsonFields, RawMembersCanBeLookedInto) {
  const auto inner = JsonFields::of(fields(R"({"a":{"b":{"c":"d"}}})").raw("a"));
  ASSERT_TRUE(inner);
  EXPECT_EQ(inner->raw("b").view(), R"({"c":"d"})");
}

TEST(JsonFields, StringsAreDecoded) {
  const auto read = fields(R"({"a":"x\u0079\n","e":"","n":1,"o":{"s":"in"},"l":"\ud800"})");
  EXPECT_EQ(read.string("a"), "xy\n");
  EXPECT_EQ(read.string("e"), "");
  EXPECT_EQ(read.string("n"), std::nullopt);
  EXPECT_EQ(read.string("o"), std::nullopt);
  EXPECT_EQ(read.string("s"), std::nullopt);
}

TEST(JsonFields, M16_AStringWithALoneSurrogateIsNone) {
  const auto read = fields(R"({"l":"\ud800"})");
  EXPECT_EQ(read.string("l"), std::nullopt);
  EXPECT_EQ(read.raw("l").view(), R"("\ud800")");
}

TEST(JsonFields, BooleansAreNothingElse) {
  const auto read = fields(R"({"t":true,"f":false,"s":"true","n":null,"one":1})");
  EXPECT_EQ(read.boolean("t"), true);
  EXPECT_EQ(read.boolean("f"), false);
  EXPECT_EQ(read.boolean("s"), std::nullopt);
  EXPECT_EQ(read.boolean("n"), std::nullopt);
  EXPECT_EQ(read.boolean("one"), std::nullopt);
  EXPECT_EQ(read.boolean("none"), std::nullopt);
}

TEST(JsonFields, M11_TheLastOfDuplicateKeysCountsUnescaped) {
  const auto read = fields(R"({"a":"1","\u0061":"2"})");
  EXPECT_EQ(read.string("a"), "2");
  EXPECT_EQ(read.raw("a").view(), R"("2")");
}

}  // namespace
}  // namespace wscast
