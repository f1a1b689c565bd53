#include "auth/jwt/jwt_algorithm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(JwtAlgorithmTest, EachOneIsFoundByItsName) {
  for (const char* name :
       {"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "ES256", "ES384"}) {
    const auto algorithm = jwt_algorithm_named(name);
    ASSERT_TRUE(algorithm) << name;
    EXPECT_EQ(name_of(*algorithm), name);
    EXPECT_NE(jwt_algorithm_names().find(name), std::string_view::npos);
  }
}

TEST(JwtAlgorithmTest, OtherNamesAndSpellingsAreNone) {
  for (const char* name : {"", "none", "None", "NONE", "nOnE", "hs256", "HS256 ", " HS256", "HS1",
                           "PS384", "PS512", "ES512", "ES256K", "EdDSA", "dir"}) {
    EXPECT_FALSE(jwt_algorithm_named(name)) << name;
  }
}

TEST(JwtAlgorithmTest, ASecretIsAtLeastAsLongAsTheHash) {
  EXPECT_THAT(hmac_algorithms_for(31), IsEmpty());
  EXPECT_THAT(hmac_algorithms_for(32), ElementsAre(JwtAlgorithm::hs256));
  EXPECT_THAT(hmac_algorithms_for(47), ElementsAre(JwtAlgorithm::hs256));
  EXPECT_THAT(hmac_algorithms_for(48), ElementsAre(JwtAlgorithm::hs256, JwtAlgorithm::hs384));
  EXPECT_THAT(hmac_algorithms_for(64),
              ElementsAre(JwtAlgorithm::hs256, JwtAlgorithm::hs384, JwtAlgorithm::hs512));
}

}  // namespace
}  // namespace wscast::program
