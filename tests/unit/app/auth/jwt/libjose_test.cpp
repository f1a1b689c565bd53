#include "auth/jwt/libjose.h"

#include <string>

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "auth/jwt/compact_jws.h"
#include "auth/jwt/jwt_key.h"
#include "unit/app/auth/jwt/test_keys.h"

namespace wscast::program {
namespace {

TEST(LibjoseTest, Base64urlHasOneSpelling) {
  EXPECT_EQ(decode_base64url(""), "");
  EXPECT_EQ(decode_base64url("AA"), std::string(1, '\0'));
  EXPECT_EQ(decode_base64url("-_8"), "\xfb\xff");
  for (const char* text : {"A", "AB", "AA=", "AA==", "+/8", "A A", "AA\n", "AAAAA", "\xc3\xa4"}) {
    EXPECT_FALSE(decode_base64url(text)) << text;
  }
  for (const std::string& bytes : {std::string(), std::string("a"), std::string("ab\0", 3)}) {
    EXPECT_EQ(decode_base64url(encode_base64url(bytes)), bytes);
  }
}

// libjose 11 compares the algorithms of key and header by order, not for equality.
TEST(LibjoseTest, TheAlgorithmOfTheKeyDecides) {
  const std::string token = test::signed_token(test::kSecret64, JwtAlgorithm::hs512, "{}");
  const auto parsed = parse_compact_jws(token);
  const auto& jws = std::get<CompactJws>(parsed);
  const JsonTree jwk = jwk_of_secret(test::kSecret64);
  for (const auto& [name, good] : {std::pair{"HS512", true}, {"HS256", false}, {"ZZ999", false}}) {
    set_member(jwk.get(), "alg", name);
    EXPECT_EQ(verifies(jwk.get(), jws), good) << name;
  }
  json_object_del(jwk.get(), "alg");
  EXPECT_FALSE(verifies(jwk.get(), jws)) << "no algorithm";
}

TEST(LibjoseTest, NothingStaysOnTheErrorQueueOfOpenssl) {
  const auto key = JwtKey::from_pem(test::rsa_key().public_pem());
  std::string token = test::signed_token(test::rsa_key(), JwtAlgorithm::rs256, "{}");
  token.replace(token.rfind('.') + 1, 4, "AAAA");
  const auto parsed = parse_compact_jws(token);
  EXPECT_FALSE(std::get<JwtKey>(key).verifies(std::get<CompactJws>(parsed)));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(LibjoseTest, AKeyThatDoesNotFitCannotSign) {
  const auto sign_by = [](const JsonTree& jwk, const char* algorithm) {
    JsonTree header = owned_json(json_object());
    set_member(header.get(), "alg", algorithm);
    return sign_compact(jwk.get(), std::move(header), "{}");
  };
  EXPECT_NO_THROW(sign_by(jwk_of_secret(test::kSecret32), "HS256"));
  EXPECT_THROW(sign_by(jwk_of_secret(test::kSecret32), "HS384"), std::logic_error);
  EXPECT_THROW(sign_by(jwk_of_secret(test::kSecret32), "RS256"), std::logic_error);
}

}  // namespace
}  // namespace wscast::program
