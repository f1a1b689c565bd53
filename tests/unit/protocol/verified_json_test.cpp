#include "protocol/verified_json.h"

#include <string>

#include <gtest/gtest.h>

#include "protocol/envelope.h"

namespace wscast {
namespace {

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(Json, IsAbsentUnlessMadeFromText) {
  EXPECT_FALSE(Json().present());
  EXPECT_FALSE(Json().verified());
  EXPECT_TRUE(Json::text("null").present());
  EXPECT_TRUE(Json::text("").present());
  EXPECT_FALSE(Json::text("null").verified());
  EXPECT_EQ(Json::text(" [1] ").view(), " [1] ");
}

TEST(VerifiedJson, WhatTheLibraryMadeIsVerified) {
  const auto json = protocol::VerifiedJson::of("[1]");
  EXPECT_TRUE(json.present());
  EXPECT_TRUE(json.verified());
  EXPECT_EQ(json.view(), "[1]");
  EXPECT_TRUE(protocol::is_valid(json));
}

TEST(VerifiedJson, GivenTextsAreJudgedUtf8Included) {
  EXPECT_TRUE(protocol::is_valid(Json::text(R"( {"a":"\ud800"} )")));
  EXPECT_TRUE(protocol::is_valid(Json::text("\"\xc3\xb6\"")));
  EXPECT_FALSE(protocol::is_valid(Json::text("\"\xc3\"")));
  EXPECT_FALSE(protocol::is_valid(Json::text("\"\xed\xa0\x80\"")));
  EXPECT_FALSE(protocol::is_valid(Json::text("{")));
  EXPECT_FALSE(protocol::is_valid(Json::text("")));
  EXPECT_FALSE(protocol::is_valid(Json()));
}

TEST(VerifiedJson, M15_DataLeavesOneLevelForItsEnvelope) {
  EXPECT_TRUE(protocol::is_valid(Json::text(nested(255))));
  EXPECT_FALSE(protocol::is_valid(Json::text(nested(256))));
  const std::string data = nested(protocol::kMaxDataDepth);
  const auto deepest = protocol::make_envelope({"a", data});
  EXPECT_EQ(protocol::parse_envelope(deepest).status, protocol::EnvelopeStatus::ok);
}

}  // namespace
}  // namespace wscast
