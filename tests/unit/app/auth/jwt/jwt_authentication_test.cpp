#include "auth/jwt/jwt_authentication.h"

#include <optional>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/app/auth/jwt/test_keys.h"

namespace wscast::program {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kClaims = R"({"sub":"alice","exp":1060})";

JwtKeySources secret(const std::string& text) {
  return {.secrets = {{.name = "secret.txt", .text = text}}};
}

NamedText set_of(const std::string& keys) {
  return {.name = "https://issuer/jwks", .text = test::jwks(keys)};
}

class JwtAuthenticationTest : public testing::Test {
 protected:
  std::optional<Grant> authenticate(const std::string& given) {
    const std::string data = R"({"token":")" + given + R"("})";
    std::optional<std::optional<Grant>> result;
    method.authenticate({.client_id = "id", .data = Json::text(data)}, [&](AuthOutcome outcome) {
      result = std::get<std::optional<Grant>>(std::move(outcome));
    });
    EXPECT_TRUE(result) << "done was not called";
    return result.value_or(std::nullopt);
  }

  std::uint64_t rejected(JwtRejection rejection) const {
    return method.rejections()[static_cast<std::size_t>(rejection)];
  }

  std::int64_t now = 1'000;
  JwtAuthentication method{JwtOptions(), [this] { return test::at(now); }};
  const std::string token = test::signed_token(test::kSecret32, JwtAlgorithm::hs256, kClaims);
};

TEST_F(JwtAuthenticationTest, WithoutKeysEveryTokenIsRejected) {
  EXPECT_FALSE(authenticate(token));
  EXPECT_EQ(rejected(JwtRejection::unknown_key), 1U);
}

TEST_F(JwtAuthenticationTest, AGoodTokenGrantsWhatItSays) {
  EXPECT_THAT(method.replace({}, secret(test::kSecret32)), IsEmpty());
  const auto grant = authenticate(token);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->user_id, "alice");
  EXPECT_EQ(grant->expires_in, std::chrono::seconds(65)) << "and the leeway";
  EXPECT_THAT(method.rejections(), testing::Each(0));
}

TEST_F(JwtAuthenticationTest, TheClockDecides) {
  method.replace({}, secret(test::kSecret32));
  now = 1'064;
  EXPECT_TRUE(authenticate(token));
  now = 1'065;
  EXPECT_FALSE(authenticate(token));
  EXPECT_EQ(rejected(JwtRejection::expired), 1U);
}

TEST_F(JwtAuthenticationTest, RejectionsAreCountedByReason) {
  method.replace({.audiences = {"chat"}}, secret(test::kSecret32));
  for (const std::string& bad : {std::string(), std::string("a.b"), token, token}) {
    EXPECT_FALSE(authenticate(bad));
  }
  EXPECT_EQ(rejected(JwtRejection::missing), 1U);
  EXPECT_EQ(rejected(JwtRejection::malformed), 1U);
  EXPECT_EQ(rejected(JwtRejection::audience), 2U);
}

TEST_F(JwtAuthenticationTest, KeysAndOptionsAreReplacedTogether) {
  method.replace({}, secret(test::kSecret64));
  EXPECT_FALSE(authenticate(token));
  EXPECT_THAT(method.replace({.issuers = {"i"}}, secret(test::kSecret32)), IsEmpty());
  EXPECT_FALSE(authenticate(token));
  EXPECT_EQ(rejected(JwtRejection::issuer), 1U);
  EXPECT_THAT(method.replace({}, secret(test::kSecret32)), IsEmpty());
  EXPECT_TRUE(authenticate(token));
}

TEST_F(JwtAuthenticationTest, WhatIsFaultyChangesNothing) {
  method.replace({}, secret(test::kSecret32));
  EXPECT_THAT(method.replace({.leeway = std::chrono::hours(1)}, secret("short")),
              ElementsAre("leeway must be from 0 to 5 minutes",
                          "secret.txt: the secret has 5 bytes; HS256 needs at least 32"));
  EXPECT_THAT(method.replace_jwks({.name = "set", .text = "<html>"}),
              ElementsAre(HasSubstr("set: it is not a JSON Web Key Set")));
  EXPECT_TRUE(authenticate(token));
}

TEST_F(JwtAuthenticationTest, AFetchedSetReplacesTheSetAlone) {
  method.replace({}, secret(test::kSecret32));
  const std::string by_rsa = test::signed_token(test::rsa_key(), JwtAlgorithm::rs256, kClaims, "a");
  EXPECT_FALSE(authenticate(by_rsa));
  EXPECT_THAT(method.replace_jwks(set_of(test::rsa_key().jwk(R"(,"kid":"a")"))), IsEmpty());
  EXPECT_TRUE(authenticate(by_rsa));
  EXPECT_TRUE(authenticate(token)) << "the secret stays";
  EXPECT_THAT(method.replace_jwks(set_of(test::p256_key().jwk())), IsEmpty());
  EXPECT_FALSE(authenticate(by_rsa)) << "the key is not in the set any more";
}

TEST_F(JwtAuthenticationTest, ASecretInAFetchedSetIsNotUsed) {
  EXPECT_THAT(method.replace_jwks(set_of(test::oct_jwk(test::kSecret32))),
              ElementsAre(HasSubstr("is a secret, but the set is public")));
  EXPECT_FALSE(authenticate(token));
}

TEST_F(JwtAuthenticationTest, AnUnknownKeyIsReported) {
  int calls = 0;
  method.on_unknown_key([&] { ++calls; });
  method.replace({}, secret(test::kSecret32));
  authenticate(test::signed_token(test::rsa_key(), JwtAlgorithm::rs256, kClaims));
  EXPECT_EQ(calls, 1);
  authenticate(token);
  authenticate("a.b.c");
  EXPECT_EQ(calls, 1);
}

TEST_F(JwtAuthenticationTest, ThreadsVerifyWhileKeysAreReplaced) {
  const JwtKeySources with_both{
      .secrets = {{.name = "a", .text = test::kSecret32}, {.name = "b", .text = test::kSecret64}}};
  method.replace({}, secret(test::kSecret32));
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([this] {
      for (int n = 0; n < 200; ++n) EXPECT_TRUE(authenticate(token));
    });
  }
  for (int n = 0; n < 100; ++n)
    method.replace({}, n % 2 == 0 ? with_both : secret(test::kSecret32));
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace wscast::program
