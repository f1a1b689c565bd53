#include "auth/tokens_authentication.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

std::string user_of(TokensAuthentication& method, const std::string& data) {
  std::string user;
  method.authenticate({.client_id = "id", .data = Json::text(data)},
                      [&](std::optional<Grant> grant) { user = grant ? grant->user_id : "none"; });
  return user;
}

TEST(TokensAuthenticationTest, TokensOfTheFileAuthenticateUntilTheyAreReplaced) {
  TokensAuthentication method(Tokens::parse("f", R"({"one":{"userId":"alice"}})"));
  EXPECT_EQ(user_of(method, R"({"token":"one"})"), "alice");
  EXPECT_EQ(user_of(method, R"({"token":"two"})"), "none");
  EXPECT_EQ(user_of(method, R"({})"), "none");
  method.replace(Tokens::parse("f", R"({"two":{"userId":"bob"}})"));
  EXPECT_EQ(user_of(method, R"({"token":"one"})"), "none");
  EXPECT_EQ(user_of(method, R"({"token":"two"})"), "bob");
}

}  // namespace
}  // namespace wscast::program
