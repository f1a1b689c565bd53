#include "auth/jwt/jwt_claims.h"

#include <string>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/app/auth/jwt/test_keys.h"

namespace wscast::program {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kNow = 1'000'000;

JwtOptions strict() {
  return {.leeway = 0s};
}

JwtResult<Grant> read(const std::string& payload, const JwtOptions& options = strict()) {
  return grant_of(payload, options, test::at(kNow));
}

/// count_: accepted.
JwtRejection rejection_of(const std::string& payload, const JwtOptions& options = strict()) {
  const auto result = read(payload, options);
  const auto* rejection = std::get_if<JwtRejection>(&result);
  return rejection == nullptr ? JwtRejection::count_ : *rejection;
}

Grant grant(const std::string& payload, const JwtOptions& options = strict()) {
  auto result = read(payload, options);
  EXPECT_TRUE(std::holds_alternative<Grant>(result)) << payload;
  return std::get<Grant>(result);
}

/// Claims of a token that is otherwise good.
std::string with(const std::string& claims) {
  return R"({"sub":"alice","exp":1000060,)" + claims + '}';
}

TEST(JwtClaimsTest, TheClaimsBecomeAGrant) {
  const Grant read = grant(R"({"sub":"alice","exp":1000060,"iat":999999,"iss":"i","aud":"a",
      "jti":"1","nbf":0,"rooms":["lobby","team-*"],"role":"admin","tags":[1,2.5,null]})");
  EXPECT_EQ(read.user_id, "alice");
  EXPECT_THAT(read.room_patterns, ElementsAre("lobby", "team-*"));
  EXPECT_EQ(read.metadata, R"({"role":"admin","tags":[1,2.5,null]})");
  EXPECT_EQ(read.expires_in, 60s);
}

TEST(JwtClaimsTest, WithoutMoreClaimsThereAreNoRoomsAndNoMetadata) {
  const Grant read = grant(R"({"sub":"alice","exp":1000060})");
  EXPECT_THAT(read.room_patterns, IsEmpty());
  EXPECT_EQ(read.metadata, "{}");
}

TEST(JwtClaimsTest, TheClaimsHaveTheNamesOfTheOptions) {
  JwtOptions options = strict();
  options.user_claim = "user";
  options.rooms_claim = "may_join";
  options.metadata_claim = "meta";
  const std::string claims = R"({"sub":"x","user":"bob","may_join":["a"],"rooms":["b"],"other":1,
      "meta":{"k":"v"},"exp":1000060})";
  const Grant read = grant(claims, options);
  EXPECT_EQ(read.user_id, "bob");
  EXPECT_THAT(read.room_patterns, ElementsAre("a"));
  EXPECT_EQ(read.metadata, R"({"k":"v"})");
  options.metadata_claim = "";
  EXPECT_EQ(grant(claims, options).metadata, R"({"rooms":["b"],"other":1,"meta":{"k":"v"}})");
  options.metadata_claim = "missing";
  EXPECT_EQ(grant(claims, options).metadata, "{}");
}

TEST(JwtClaimsTest, ThePayloadIsAnObjectWithoutDuplicates) {
  for (const char* payload :
       {"", "null", "[]", "1", R"({"sub":"alice")", R"({"sub":"alice","sub":"bob","exp":1000060})",
        R"({"sub":"alice","exp":1e400})", R"({"sub":"alice\u0000","exp":1000060})",
        R"({"sub":"\ud800","exp":1000060})", "{\"sub\":\"\xff\",\"exp\":1000060}",
        R"({"sub":"alice","exp":123456789012345678901})"}) {
    EXPECT_EQ(rejection_of(payload), JwtRejection::malformed) << payload;
  }
}

TEST(JwtClaimsTest, EachClaimHasItsType) {
  for (const char* claims :
       {R"("exp":"1000060")", R"("exp":null)", R"("exp":true)", R"("exp":[1000060])"}) {
    EXPECT_EQ(rejection_of(R"({"sub":"alice",)" + std::string(claims) + '}'),
              JwtRejection::claim_type)
        << claims;
  }
  for (const char* claims :
       {R"("nbf":"0")", R"("iat":null)", R"("iat":{})", R"("iss":1)", R"("iss":null)",
        R"("iss":["i"])", R"("aud":1)", R"("aud":{})", R"("aud":null)", R"("aud":["a",1])",
        R"("jti":1)", R"("rooms":"lobby")", R"("rooms":[1])", R"("rooms":null)",
        R"("rooms":{"0":"lobby"})"}) {
    EXPECT_EQ(rejection_of(with(claims)), JwtRejection::claim_type) << claims;
  }
  for (const char* user : {"1", "null", "[]", R"(["alice"])"}) {
    EXPECT_EQ(rejection_of(R"({"exp":1000060,"sub":)" + std::string(user) + '}'),
              JwtRejection::claim_type)
        << user;
  }
  JwtOptions options = strict();
  options.metadata_claim = "meta";
  for (const char* claims : {R"("meta":1)", R"("meta":[])", R"("meta":null)", R"("meta":"{}")"}) {
    EXPECT_EQ(rejection_of(with(claims), options), JwtRejection::claim_type) << claims;
  }
}

TEST(JwtClaimsTest, ATokenNamesAUser) {
  EXPECT_EQ(rejection_of(R"({"exp":1000060})"), JwtRejection::no_user);
  EXPECT_EQ(rejection_of(R"({"exp":1000060,"sub":""})"), JwtRejection::no_user);
  JwtOptions options = strict();
  options.user_claim = "user";
  EXPECT_EQ(rejection_of(R"({"exp":1000060,"sub":"alice"})", options), JwtRejection::no_user);
}

TEST(JwtClaimsTest, ATokenIsGoodUntilItExpires) {
  const auto at = [](const char* exp) {
    return rejection_of(R"({"sub":"alice","exp":)" + std::string(exp) + '}');
  };
  EXPECT_EQ(at("1000001"), JwtRejection::count_);
  EXPECT_EQ(at("1000000.5"), JwtRejection::count_);
  EXPECT_EQ(at("1e300"), JwtRejection::count_);
  for (const char* exp : {"1000000", "999999", "0", "-1", "-1e300", "999999.9"}) {
    EXPECT_EQ(at(exp), JwtRejection::expired) << exp;
  }
  EXPECT_EQ(grant(R"({"sub":"alice","exp":1e300})").expires_in, 1'000'000'000s);
}

TEST(JwtClaimsTest, ATokenWithoutAnExpiryIsAcceptedWhenTheOptionsAllowIt) {
  EXPECT_EQ(rejection_of(R"({"sub":"alice"})"), JwtRejection::no_expiry);
  JwtOptions options = strict();
  options.require_expiry = false;
  EXPECT_EQ(grant(R"({"sub":"alice"})", options).expires_in, std::nullopt);
  EXPECT_EQ(rejection_of(R"({"sub":"alice","exp":1})", options), JwtRejection::expired);
}

TEST(JwtClaimsTest, ATokenIsGoodFromItsTimes) {
  EXPECT_EQ(rejection_of(with(R"("nbf":1000000)")), JwtRejection::count_);
  EXPECT_EQ(rejection_of(with(R"("nbf":1000000.1)")), JwtRejection::not_yet_valid);
  EXPECT_EQ(rejection_of(with(R"("iat":1000000)")), JwtRejection::count_);
  EXPECT_EQ(rejection_of(with(R"("iat":1000001)")), JwtRejection::issued_in_future);
}

TEST(JwtClaimsTest, TheLeewayStretchesEachTime) {
  const JwtOptions options{.leeway = 10s};
  const auto token = [](const char* times) { return R"({"sub":"a",)" + std::string(times) + '}'; };
  EXPECT_EQ(rejection_of(token(R"("exp":999991)"), options), JwtRejection::count_);
  EXPECT_EQ(rejection_of(token(R"("exp":999990)"), options), JwtRejection::expired);
  EXPECT_EQ(rejection_of(with(R"("nbf":1000010)"), options), JwtRejection::count_);
  EXPECT_EQ(rejection_of(with(R"("nbf":1000011)"), options), JwtRejection::not_yet_valid);
  EXPECT_EQ(rejection_of(with(R"("iat":1000010)"), options), JwtRejection::count_);
  EXPECT_EQ(rejection_of(with(R"("iat":1000011)"), options), JwtRejection::issued_in_future);
  EXPECT_EQ(grant(token(R"("exp":999991)"), options).expires_in, 1s);
}

TEST(JwtClaimsTest, TheIssuerIsOneOfTheConfigured) {
  JwtOptions options = strict();
  options.issuers = {"https://a", "https://b"};
  EXPECT_EQ(rejection_of(with(R"("iss":"https://b")"), options), JwtRejection::count_);
  for (const char* claims : {R"("iss":"https://c")", R"("iss":"")", R"("iss":"https://a/")",
                             R"("iss":"HTTPS://a")", R"("x":1)"}) {
    EXPECT_EQ(rejection_of(with(claims), options), JwtRejection::issuer) << claims;
  }
}

TEST(JwtClaimsTest, TheAudienceHasOneOfTheConfigured) {
  JwtOptions options = strict();
  options.audiences = {"chat", "other"};
  for (const char* claims : {R"("aud":"chat")", R"("aud":["x","other"])"}) {
    EXPECT_EQ(rejection_of(with(claims), options), JwtRejection::count_) << claims;
  }
  for (const char* claims : {R"("aud":"mail")", R"("aud":[])", R"("aud":["x"])", R"("aud":"Chat")",
                             R"("aud":"")", R"("x":1)"}) {
    EXPECT_EQ(rejection_of(with(claims), options), JwtRejection::audience) << claims;
  }
}

TEST(JwtClaimsTest, WithoutConfiguredOnesIssuerAndAudienceMayBeAnything) {
  for (const char* claims : {R"("iss":"x","aud":[])", R"("aud":"y")", R"("aud":["y","z"])"}) {
    EXPECT_EQ(rejection_of(with(claims)), JwtRejection::count_) << claims;
  }
}

}  // namespace
}  // namespace wscast::program
