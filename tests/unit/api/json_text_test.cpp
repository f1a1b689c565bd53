#include "wscast/json_text.h"

#include <string>
#include <type_traits>

#include <gtest/gtest.h>

#include "wscast/json_boost.h"
#include "wscast/json_nlohmann.h"
#include "wscast/server.h"

namespace wscast {
namespace {

std::string data_of(const Broadcast& call) {
  return std::string(call.data.view());
}

TEST(JsonText, StandsWhereACallTakesJson) {
  EXPECT_EQ(data_of({.event = "moved", .data = JsonText("[1]")}), "[1]");
}

TEST(JsonText, WithANameServesSeveralCalls) {
  const JsonText text("[1,2]");
  EXPECT_EQ(data_of({.data = text}), "[1,2]");
  EXPECT_EQ(data_of({.data = text}), "[1,2]");
}

TEST(JsonText, IsNotJudgedYet) {
  const JsonText text("nonsense");
  EXPECT_TRUE(Json(text).present());
  EXPECT_FALSE(Json(text).verified());
}

TEST(JsonText, IsMadeOfAStringByNameOnly) {
  EXPECT_FALSE((std::is_convertible_v<std::string, JsonText>));
  EXPECT_FALSE((std::is_convertible_v<std::string, Json>));
}

TEST(JsonText, IsMadeByEachAdapterBesideTheOther) {
  EXPECT_EQ(data_of({.data = json_of(boost::json::value(1))}), "1");
  EXPECT_EQ(data_of({.data = json_of(nlohmann::json(2))}), "2");
}

}  // namespace
}  // namespace wscast
