#include "wscast/json_boost.h"

#include <cmath>
#include <optional>
#include <string>

#include <boost/json/src.hpp>
#include <gtest/gtest.h>

#include "wscast/server.h"

namespace wscast {
namespace {

struct Login {
  std::string user;
  int level;
};

Login tag_invoke(boost::json::value_to_tag<Login>, const boost::json::value& value) {
  return {boost::json::value_to<std::string>(value.at("user")),
          boost::json::value_to<int>(value.at("level"))};
}

}  // namespace

template <>
struct codec<Login> : boost_codec<Login> {};

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

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonBoost, AValueStandsWhereACallTakesJson) {
  const boost::json::value value = {{"x", 1}, {"y", {true, nullptr}}};
  EXPECT_EQ(data_of(Broadcast{.event = "moved", .data = json_of(value)}),
            R"({"x":1,"y":[true,null]})");
  EXPECT_EQ(data_of(Send{.event = "moved", .data = json_of(value.at("x"))}), "1");
  EXPECT_EQ(data_of(Broadcast{.data = json_of({{"x", 1}})}), R"({"x":1})");
  EXPECT_EQ(data_of(Broadcast{.data = json_of(value.as_object())}), R"({"x":1,"y":[true,null]})");
  EXPECT_EQ(data_of(Broadcast{.data = json_of(value.at("y").as_array())}), "[true,null]");
  EXPECT_EQ(data_of(Broadcast{.data = json_of(boost::json::string("text"))}), R"("text")");
}

TEST(JsonBoost, WritesWhatTheCallThenRefuses) {
  EXPECT_EQ(text(json_of(boost::json::value("\xff"))), "\"\xff\"");
  EXPECT_EQ(text(json_of(boost::json::value(std::nan("")))), "NaN");
}

TEST(JsonBoost, ReadsJson) {
  EXPECT_EQ(to_boost(Json::text(R"( {"a":[1,"b"]} )")), boost::json::value({{"a", {1, "b"}}}));
  EXPECT_EQ(to_boost(Json::text(R"({"a":1,"a":2})")).at("a"), 2);
  EXPECT_TRUE(to_boost(Json::text("null")).is_null());
}

TEST(JsonBoost, ReadsAsDeepAsAServerTakes) {
  const std::string deep = nested(256);
  EXPECT_TRUE(to_boost(Json::text(deep)).is_array());
  const std::string deeper = nested(257);
  EXPECT_THROW(to_boost(Json::text(deeper)), boost::system::system_error);
}

TEST(JsonBoost, WhatIsAbsentOrNoJsonThrows) {
  EXPECT_THROW(to_boost(Json()), boost::system::system_error);
  EXPECT_THROW(to_boost(Json::text("[1,]")), boost::system::system_error);
  EXPECT_THROW(to_boost(Json::text("[1] 2")), boost::system::system_error);
}

TEST(JsonBoost, SomeThatClientsMaySendThrowsOrIsInfinite) {
  EXPECT_THROW(to_boost(Json::text(R"("\ud800")")), boost::system::system_error);
  EXPECT_TRUE(std::isinf(to_boost(Json::text("1e999")).as_double()));
}

TEST(BoostCodec, ReadsWhatTheLibraryReads) {
  const auto login = codec<Login>::decode(Json::text(R"({"user":"u","level":3,"more":0})"));
  ASSERT_TRUE(login);
  EXPECT_EQ(login->user, "u");
  EXPECT_EQ(login->level, 3);
}

TEST(BoostCodec, AnswersNothingForTheRest) {
  EXPECT_FALSE(codec<Login>::decode(Json()));
  EXPECT_FALSE(codec<Login>::decode(Json::text("nonsense")));
  EXPECT_FALSE(codec<Login>::decode(Json::text("null")));
  EXPECT_FALSE(codec<Login>::decode(Json::text(R"({"user":"u"})")));
  EXPECT_FALSE(codec<Login>::decode(Json::text(R"({"user":1,"level":3})")));
  EXPECT_FALSE(codec<Login>::decode(Json::text(R"({"user":"\ud800","level":3})")));
}

}  // namespace
}  // namespace wscast
