#include "token.h"

#include <fstream>
#include <string>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/jwt/jwt_verification.h"
#include "support/redis_process.h"
#include "unit/app/auth/jwt/test_keys.h"

namespace wscast::program {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const auto kNow = test::at(1'000'000);

class TokenTest : public testing::Test {
 protected:
  TokenTest() {
    arguments.secret_file = file("secret", test::kSecret64 + "\n");
    arguments.user = "alice";
  }

  std::string file(const std::string& name, const std::string& text) {
    const auto path = folder_.path() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

  /// What a server with the key makes of the token.
  Grant grant(const JwtKeySources& sources, const JwtOptions& options = {}) {
    const auto keys = JwtKeySet::build(sources).keys;
    const auto result = verify_jwt(make_token(arguments, kNow), *keys, options, kNow);
    EXPECT_TRUE(std::holds_alternative<Grant>(result));
    return std::get<Grant>(result);
  }

  Grant grant(const JwtOptions& options = {}) {
    return grant({.secrets = {{.name = "", .text = test::kSecret64}}}, options);
  }

  std::string payload() {
    const std::string token = make_token(arguments, kNow);
    const auto parsed = parse_compact_jws(token);
    return decode_base64url(std::get<CompactJws>(parsed).payload).value();
  }

  std::string fault() {
    try {
      make_token(arguments, kNow);
      return "";
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  wscast::test::ScratchFolder folder_;
  TokenArguments arguments;
};

TEST_F(TokenTest, AServerWithTheSecretAcceptsIt) {
  arguments.rooms = {"lobby", "team-*"};
  arguments.metadata = R"({"role":"admin"})";
  arguments.claims = {"level=3", R"(tags=["a"])"};
  const Grant read = grant();
  EXPECT_EQ(read.user_id, "alice");
  EXPECT_THAT(read.room_patterns, ElementsAre("lobby", "team-*"));
  EXPECT_EQ(read.metadata, R"({"role":"admin","level":3,"tags":["a"]})");
  EXPECT_EQ(read.expires_in, 1h + 5s);
}

TEST_F(TokenTest, AServerWithThePublicKeyAcceptsIt) {
  for (const auto* pair : {&test::rsa_key(), &test::p256_key(), &test::p384_key()}) {
    arguments.secret_file = "";
    arguments.key_file = file("key.pem", pair->private_pem());
    EXPECT_EQ(grant({.pems = {{.name = "", .text = pair->public_pem()}}}).user_id, "alice");
  }
}

TEST_F(TokenTest, TheAlgorithmAndTheKeyCanBeNamed) {
  arguments.algorithm = "HS384";
  arguments.key_id = "a";
  const std::string token = make_token(arguments, kNow);
  const auto parsed = parse_compact_jws(token);
  const auto& jws = std::get<CompactJws>(parsed);
  EXPECT_EQ(jws.algorithm, JwtAlgorithm::hs384);
  EXPECT_EQ(jws.key_id, "a");
}

TEST_F(TokenTest, TheClaimsAreThoseOfTheArguments) {
  arguments.issuer = "i";
  arguments.audience = "a";
  arguments.expires_in = 1'500ms;
  EXPECT_EQ(payload(), R"({"sub":"alice","iss":"i","aud":"a","iat":1000000,"exp":1000002})");
  arguments.expires_in = std::chrono::milliseconds::max();
  EXPECT_EQ(payload(), R"({"sub":"alice","iss":"i","aud":"a","iat":1000000})");
}

TEST_F(TokenTest, TheClaimsHaveTheNamesOfTheOptions) {
  arguments.options = {.user_claim = "user", .rooms_claim = "in", .metadata_claim = "meta"};
  arguments.rooms = {"a"};
  arguments.metadata = R"({"k":1})";
  arguments.claims = {R"(sub="x")"};
  const Grant read = grant(arguments.options);
  EXPECT_EQ(read.user_id, "alice");
  EXPECT_THAT(read.room_patterns, ElementsAre("a"));
  EXPECT_EQ(read.metadata, R"({"k":1})");
}

TEST_F(TokenTest, KeysThatDoNotFitAreFaults) {
  arguments.algorithm = "RS256";
  EXPECT_EQ(fault(), "--algorithm: the key is not good for RS256");
  arguments.algorithm = "none";
  EXPECT_THAT(fault(), HasSubstr("--algorithm: \"none\" is not one of HS256"));
  arguments.key_file = arguments.secret_file;
  EXPECT_THAT(fault(), HasSubstr("--secret-file FILE or --key FILE, one of them"));
  arguments.secret_file = "";
  EXPECT_THAT(fault(), HasSubstr("secret: it holds no private key"));
  arguments.key_file = "";
  arguments.secret_file = file("short", "hunter2");
  EXPECT_THAT(fault(), HasSubstr("short: the secret has 7 bytes; HS256 needs at least 32"));
  EXPECT_THAT(fault(), testing::Not(HasSubstr("hunter2")));
}

TEST_F(TokenTest, ClaimsThatCannotBeAreFaults) {
  const auto with = [this](const std::string& claim) {
    arguments.claims = {claim};
    return fault();
  };
  for (const char* claim : {"sub=1", "exp=1", "iat=1", R"(aud="a")", R"(iss="i")", "rooms=[]"}) {
    EXPECT_THAT(with(claim), HasSubstr("has a flag of its own")) << claim;
  }
  for (const char* claim : {"role", "=1", ""}) {
    EXPECT_THAT(with(claim), HasSubstr("is not NAME=JSON")) << claim;
  }
  for (const char* claim : {"role=admin", "role=", "role=1 2", R"(role={"a":1,"a":2})"}) {
    EXPECT_THAT(with(claim), HasSubstr("is not JSON")) << claim;
  }
  arguments.claims = {"role=1", "role=2"};
  EXPECT_THAT(fault(), HasSubstr("is given twice"));
  arguments.claims = {"big=\"" + std::string(9'000, 'x') + '"'};
  EXPECT_THAT(fault(), HasSubstr("a server accepts at most 8,192"));
  arguments.claims = {};
  arguments.metadata = "[]";
  EXPECT_EQ(fault(), "--metadata: it is not a JSON object");
  arguments.metadata = R"({"exp":1})";
  EXPECT_THAT(fault(), HasSubstr("--metadata: the claim exp has a flag"));
  arguments.metadata = "";
  arguments.user = "\xff";
  EXPECT_EQ(fault(), "a text is not UTF-8");
  arguments.user = "";
  EXPECT_EQ(fault(), "token needs --user USER");
}

}  // namespace
}  // namespace wscast::program
