#include "wscast/json_nlohmann.h"

#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "wscast/server.h"

namespace wscast {
namespace {

struct Login {
  std::string user;
  int level;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Login, user, level)

struct Thrower {};
void from_json(const nlohmann::json&, Thrower&) {
  throw std::runtime_error("not the library's");
}

}  // namespace

template <>
struct codec<Login> : nlohmann_codec<Login> {};

namespace {

std::string text(Json json) {
  return std::string(json.view());
}
std::string data_of(const Broadcast& call) {
  return text(call.data);
}
std::string data_of(const Send& call) {
  return text(call.data);
}

TEST(JsonNlohmann, AValueStandsWhereACallTakesJson) {
  const nlohmann::json value = {{"x", 1}, {"y", {true, nullptr}}};
  EXPECT_EQ(data_of(Broadcast{.event = "moved", .data = json_of(value)}),
            R"({"x":1,"y":[true,null]})");
  EXPECT_EQ(data_of(Send{.event = "moved", .data = json_of(value["x"])}), "1");
  EXPECT_EQ(data_of(Broadcast{.event = "moved", .data = json_of({{"x", 1}})}), R"({"x":1})");
  EXPECT_EQ(text(json_of(nlohmann::json("text"))), R"("text")");
  EXPECT_EQ(text(json_of(nlohmann::json(Login{"u", 3}))), R"({"level":3,"user":"u"})");
}

TEST(JsonNlohmann, AnOrderedValueKeepsItsOrder) {
  const nlohmann::ordered_json value = {{"b", 1}, {"a", 2}};
  EXPECT_EQ(text(json_of(value)), R"({"b":1,"a":2})");
}

TEST(JsonNlohmann, WhatIsNotUtf8Throws) {
  EXPECT_THROW(json_of(nlohmann::json("\xff")), nlohmann::json::type_error);
}

TEST(JsonNlohmann, NumbersThatJsonLacksBecomeNull) {
  EXPECT_EQ(text(json_of(nlohmann::json(std::nan("")))), "null");
  EXPECT_EQ(text(json_of(nlohmann::json(HUGE_VAL))), "null");
}

TEST(JsonNlohmann, ReadsJson) {
  EXPECT_EQ(to_nlohmann(Json::text(R"( {"a":[1,"b"]} )")), (nlohmann::json{{"a", {1, "b"}}}));
  EXPECT_EQ(to_nlohmann(Json::text(R"({"a":1,"a":2})"))["a"], 2);
  EXPECT_EQ(to_nlohmann(Json::text("null")), nlohmann::json());
}

TEST(JsonNlohmann, WhatIsAbsentOrNoJsonThrows) {
  EXPECT_THROW(to_nlohmann(Json()), nlohmann::json::parse_error);
  EXPECT_THROW(to_nlohmann(Json::text("[1,]")), nlohmann::json::parse_error);
  EXPECT_THROW(to_nlohmann(Json::text("[1] 2")), nlohmann::json::parse_error);
}

TEST(JsonNlohmann, SomeThatClientsMaySendThrows) {
  EXPECT_THROW(to_nlohmann(Json::text(R"("\ud800")")), nlohmann::json::exception);
  EXPECT_THROW(to_nlohmann(Json::text("1e999")), nlohmann::json::exception);
}

TEST(NlohmannCodec, ReadsWhatTheLibraryReads) {
  const auto login = codec<Login>::decode(Json::text(R"({"user":"u","level":3,"more":0})"));
  ASSERT_TRUE(login);
  EXPECT_EQ(login->user, "u");
  EXPECT_EQ(login->level, 3);
}

TEST(NlohmannCodec, AnswersNothingForTheRest) {
  EXPECT_FALSE(codec<Login>::decode(Json()));
  EXPECT_FALSE(codec<Login>::decode(Json::text("nonsense")));
  EXPECT_FALSE(codec<Login>::decode(Json::text("null")));
  EXPECT_FALSE(codec<Login>::decode(Json::text(R"({"user":"u"})")));
  EXPECT_FALSE(codec<Login>::decode(Json::text(R"({"user":1,"level":3})")));
  EXPECT_FALSE(codec<Login>::decode(Json::text(R"({"user":"\ud800","level":3})")));
}

TEST(NlohmannCodec, PassesOnWhatOthersThrow) {
  EXPECT_THROW(nlohmann_codec<Thrower>::decode(Json::text("{}")), std::runtime_error);
}

}  // namespace
}  // namespace wscast
