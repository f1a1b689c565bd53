#include "auth/jwt/compact_jws.h"

#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "unit/app/auth/jwt/test_keys.h"

namespace wscast::program {
namespace {

using test::unsigned_token;

JwtRejection rejection_of(const std::string& token) {
  const auto parsed = parse_compact_jws(token);
  const auto* rejection = std::get_if<JwtRejection>(&parsed);
  return rejection == nullptr ? JwtRejection::count_ : *rejection;
}

TEST(CompactJwsTest, TheHeaderIsRead) {
  const std::string token = unsigned_token(R"({"alg":"ES256","kid":"a","typ":"JWT"})", "payload");
  const auto parsed = parse_compact_jws(token);
  const auto* jws = std::get_if<CompactJws>(&parsed);
  ASSERT_NE(jws, nullptr);
  EXPECT_EQ(jws->algorithm, JwtAlgorithm::es256);
  EXPECT_EQ(jws->key_id, "a");
  EXPECT_EQ(jws->payload, encode_base64url("payload"));
  EXPECT_EQ(std::string(jws->header) + '.' + std::string(jws->payload) + '.' +
                std::string(jws->signature),
            token);
}

TEST(CompactJwsTest, WhatNamesAKeyToTrustIsIgnored) {
  for (const char* name : {"jwk", "jku", "x5u", "x5c", "x5t"}) {
    const std::string header = R"({"alg":"HS256",")" + std::string(name) + R"(":"http://evil"})";
    EXPECT_EQ(rejection_of(unsigned_token(header)), JwtRejection::count_) << name;
  }
}

TEST(CompactJwsTest, ATokenIsThreePartsOfBase64url) {
  const std::string header = encode_base64url(R"({"alg":"HS256"})");
  for (const std::string& token : std::vector<std::string>{
           header, header + ".e30", header + ".e30.c2ln.more", header + ".e30.c2ln.", "..", "a.b",
           ".e30.c2ln", header + ".e30.c2ln=", header + ".e30=.c2ln", header + ". e30.c2ln",
           header + ".e30.c2ln\n", header + ".e3+.c2ln", header + ".e3/.c2ln",
           header + ".e30.c2lnc", header + ".e31.c2ln", std::string("\0.\0.\0", 5)}) {
    EXPECT_EQ(rejection_of(token), JwtRejection::malformed) << token;
  }
  EXPECT_EQ(rejection_of(header + ".e30."), JwtRejection::count_) << "a signature that is empty";
  EXPECT_EQ(rejection_of(""), JwtRejection::missing);
}

TEST(CompactJwsTest, TheHeaderIsAnObjectWithoutDuplicates) {
  for (const char* header :
       {"", "null", "[]", R"("HS256")", R"({"alg":"HS256")", R"({"alg":"HS256"}x)",
        R"({"alg":"HS256","alg":"HS256"})", R"({"alg":"none","\u0061lg":"HS256"})",
        R"({"alg":"HS256","kid":1})", R"({"alg":"HS256","typ":[]})", "{\"alg\":\"HS256\xff\"}",
        R"({"alg":"HS256\u0000"})"}) {
    EXPECT_EQ(rejection_of(unsigned_token(header)), JwtRejection::malformed) << header;
  }
}

TEST(CompactJwsTest, TheAlgorithmIsOneOfOurs) {
  for (const char* header :
       {"{}", R"({"alg":null})", R"({"alg":""})", R"({"alg":["HS256"]})", R"({"alg":"none"})",
        R"({"alg":"None"})", R"({"alg":"NONE"})", R"({"alg":"nOnE"})", R"({"alg":"hs256"})",
        R"({"alg":"HS256 "})", R"({"alg":"ES512"})", R"({"alg":"dir","enc":"A128GCM"})"}) {
    EXPECT_EQ(rejection_of(unsigned_token(header)), JwtRejection::algorithm) << header;
  }
}

TEST(CompactJwsTest, ExtensionsAreRejected) {
  for (const char* header :
       {R"({"alg":"HS256","crit":["exp"],"exp":1})", R"({"alg":"HS256","crit":[]})",
        R"({"alg":"HS256","zip":"DEF"})", R"({"alg":"HS256","b64":false,"crit":["b64"]})",
        R"({"alg":"HS256","b64":true})", R"({"alg":"none","crit":null})"}) {
    EXPECT_EQ(rejection_of(unsigned_token(header)), JwtRejection::extension) << header;
  }
}

TEST(CompactJwsTest, ATokenOfMoreThan8KiBIsNotLookedAt) {
  std::string token = unsigned_token(R"({"alg":"HS256"})", std::string(6'000, 'x'));
  token.resize(kMaxJwtBytes - kMaxJwtBytes % 4, 'A');
  EXPECT_NE(rejection_of(token), JwtRejection::too_long);
  token.resize(kMaxJwtBytes + 1, 'A');
  EXPECT_EQ(rejection_of(token), JwtRejection::too_long);
}

}  // namespace
}  // namespace wscast::program
