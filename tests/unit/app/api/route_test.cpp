#include "api/route.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using Parameters = std::optional<std::vector<std::string>>;

TEST(Route, MatchesWholeSegments) {
  EXPECT_EQ(match_path("/api/rooms/{room}", "/api/rooms/a"), Parameters({"a"}));
  EXPECT_EQ(match_path("/api/rooms/{room}/join", "/api/rooms/a/join"), Parameters({"a"}));
  EXPECT_EQ(match_path("/api/rooms", "/api/rooms"), Parameters(std::vector<std::string>{}));
  for (const char* path : {"/api/rooms", "/api/rooms/", "/api/rooms//", "/api/rooms/a/b",
                           "/api/room/a", "api/rooms/a", "", "/"}) {
    EXPECT_EQ(match_path("/api/rooms/{room}", path), std::nullopt) << path;
  }
  EXPECT_EQ(match_path("/api/rooms", "/api/rooms/"), std::nullopt);
}

TEST(Route, ParametersAreDecoded) {
  EXPECT_EQ(match_path("/{room}", "/a%2Fb%20%c3%A9"), Parameters({"a/b é"}));
  for (const char* path : {"/%", "/%4", "/%zz", "/%-1", "/a%2"}) {
    EXPECT_EQ(match_path("/{room}", path), std::nullopt) << path;
  }
}

TEST(Route, QueriesAreDecoded) {
  EXPECT_EQ(query_parameter("after=a%26b&limit=3", "after"), "a&b");
  EXPECT_EQ(query_parameter("after=a%26b&limit=3", "limit"), "3");
  EXPECT_EQ(query_parameter("after=a+b%2Bc", "after"), "a b+c") << "as forms are encoded";
  EXPECT_EQ(query_parameter("after", "after"), "");
  EXPECT_EQ(query_parameter("before=1", "after"), std::nullopt);
  EXPECT_EQ(query_parameter("", "after"), std::nullopt);
  EXPECT_EQ(query_parameter("after=%", "after"), std::nullopt);
}

TEST(Route, EachNeedsAKeyButTheDescription) {
  for (const Route& route : routes()) {
    EXPECT_EQ(route.scope.has_value(), route.path != "/api/openapi.json") << route.path;
    EXPECT_TRUE(route.method == "POST" || route.method == "GET");
    const bool changes = route.method == "POST";
    EXPECT_EQ(changes, route.scope == Scope::admin || route.scope == Scope::publish) << route.path;
  }
}

}  // namespace
}  // namespace wscast::program
