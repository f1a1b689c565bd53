#include "auth/jwt/jwt_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(JwtOptionsTest, TheDefaultsAreValid) {
  EXPECT_THAT(JwtOptions().validate(), IsEmpty());
}

TEST(JwtOptionsTest, EachKindOfFaultIsReported) {
  EXPECT_THAT((JwtOptions{.issuers = {"a", ""}}.validate()),
              ElementsAre("an issuer must not be empty"));
  EXPECT_THAT(JwtOptions{.audiences = {""}}.validate(),
              ElementsAre("an audience must not be empty"));
  EXPECT_THAT((JwtOptions{.algorithms = {"HS256", "none"}}.validate()),
              ElementsAre(HasSubstr("\"none\" is not one of HS256, ")));
  EXPECT_THAT(JwtOptions{.leeway = -1s}.validate(),
              ElementsAre("leeway must be from 0 to 5 minutes"));
  EXPECT_THAT(JwtOptions{.leeway = 301s}.validate(),
              ElementsAre("leeway must be from 0 to 5 minutes"));
  EXPECT_THAT(JwtOptions{.leeway = 300s}.validate(), IsEmpty());
  EXPECT_THAT(JwtOptions{.user_claim = ""}.validate(), ElementsAre("user_claim must not be empty"));
  EXPECT_THAT(JwtOptions{.rooms_claim = ""}.validate(),
              ElementsAre("rooms_claim must not be empty"));
}

TEST(JwtOptionsTest, EachClaimHasOneMeaning) {
  EXPECT_THAT((JwtOptions{.user_claim = "x", .rooms_claim = "x"}.validate()),
              ElementsAre("rooms_claim and user_claim must not be the same"));
  EXPECT_THAT((JwtOptions{.metadata_claim = "rooms"}.validate()),
              ElementsAre("metadata_claim must not be the claim of the user or the rooms"));
  EXPECT_THAT((JwtOptions{.rooms_claim = "aud"}.validate()),
              ElementsAre(HasSubstr("\"aud\" has a meaning of its own")));
  EXPECT_THAT((JwtOptions{.metadata_claim = "exp"}.validate()),
              ElementsAre(HasSubstr("\"exp\" has a meaning of its own")));
  EXPECT_THAT((JwtOptions{.user_claim = "exp"}.validate()),
              ElementsAre("user_claim: \"exp\" is not a string"));
  EXPECT_THAT((JwtOptions{.user_claim = "email"}.validate()), IsEmpty());
}

TEST(JwtOptionsTest, AllFaultsAreReportedAtOnce) {
  EXPECT_EQ((JwtOptions{.issuers = {""}, .leeway = 1h, .user_claim = ""}.validate().size()), 3U);
}

}  // namespace
}  // namespace wscast::program
