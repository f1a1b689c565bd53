#include "auth/jwt/jwt_key_set.h"

#include <string>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/app/auth/jwt/test_keys.h"

namespace wscast::program {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Algorithm = JwtAlgorithm;

JwtKeySources from_set(const std::string& keys, bool is_public = false) {
  return {.jwks = NamedText{.name = "jwks.json", .text = test::jwks(keys)},
          .jwks_is_public = is_public};
}

JwtKeySources from_pems(const std::vector<std::string>& pems) {
  JwtKeySources sources;
  for (const auto& pem : pems) sources.pems.push_back({.name = "key.pem", .text = pem});
  return sources;
}

JwtKeySources from_secret(const std::string& secret) {
  return {.secrets = {{.name = "secret.txt", .text = secret}}};
}

/// std::nullopt: verified.
std::optional<JwtRejection> verdict(const JwtKeySources& sources, const std::string& token) {
  const auto built = JwtKeySet::build(sources);
  EXPECT_THAT(built.faults, IsEmpty());
  const auto parsed = parse_compact_jws(token);
  return built.keys->verify(std::get<CompactJws>(parsed));
}

std::vector<std::string> faults_of(const JwtKeySources& sources) {
  auto built = JwtKeySet::build(sources);
  EXPECT_EQ(built.keys == nullptr, !built.faults.empty());
  return built.faults;
}

TEST(JwtKeySetTest, EachKindOfKeyVerifiesByEachOfItsAlgorithms) {
  using enum JwtAlgorithm;
  for (const Algorithm algorithm : {hs256, hs384, hs512}) {
    const std::string token = test::signed_token(test::kSecret64, algorithm, "{}");
    EXPECT_EQ(verdict(from_secret(test::kSecret64), token), std::nullopt);
    EXPECT_EQ(verdict(from_secret(std::string(64, 'x')), token), JwtRejection::signature);
  }
  for (const Algorithm algorithm : {rs256, rs384, rs512, ps256}) {
    const std::string token = test::signed_token(test::rsa_key(), algorithm, "{}");
    EXPECT_EQ(verdict(from_pems({test::rsa_key().public_pem()}), token), std::nullopt);
    EXPECT_EQ(verdict(from_pems({test::rsa_key().certificate_pem()}), token), std::nullopt);
    EXPECT_EQ(verdict(from_set(test::rsa_key().jwk()), token), std::nullopt);
    EXPECT_EQ(verdict(from_pems({test::other_rsa_key().public_pem()}), token),
              JwtRejection::signature);
  }
  for (const auto& [pair, algorithm] :
       {std::pair{&test::p256_key(), es256}, {&test::p384_key(), es384}}) {
    const std::string token = test::signed_token(*pair, algorithm, "{}");
    EXPECT_EQ(verdict(from_pems({pair->public_pem()}), token), std::nullopt);
    EXPECT_EQ(verdict(from_set(pair->jwk()), token), std::nullopt);
    EXPECT_EQ(verdict(from_pems({test::KeyPair(EVP_EC_gen("P-256")).public_pem(),
                                 test::KeyPair(EVP_EC_gen("P-384")).public_pem()}),
                      token),
              JwtRejection::signature);
  }
}

TEST(JwtKeySetTest, AnAlgorithmThatNoKeyIsGoodForIsRejected) {
  const std::string pem = test::rsa_key().public_pem();
  const std::string confused = test::hs256_token(R"({"alg":"HS256"})", "{}", pem);
  EXPECT_EQ(verdict(from_pems({pem}), confused), JwtRejection::unknown_key);
  const std::string es384 = test::signed_token(test::p384_key(), Algorithm::es384, "{}");
  EXPECT_EQ(verdict(from_pems({test::p256_key().public_pem()}), es384), JwtRejection::unknown_key);
  const std::string hs512 = test::signed_token(test::kSecret64, Algorithm::hs512, "{}");
  EXPECT_EQ(verdict(from_secret(test::kSecret32), hs512), JwtRejection::unknown_key);
}

TEST(JwtKeySetTest, AKeyOfASetIsFoundByItsId) {
  const std::string keys = test::oct_jwk(test::kSecret32, R"(,"kid":"a")") + ',' +
                           test::oct_jwk(test::kSecret64, R"(,"kid":"b")");
  const auto by = [](const std::string& secret, const std::optional<std::string>& id) {
    return test::signed_token(secret, Algorithm::hs256, "{}", id);
  };
  EXPECT_EQ(verdict(from_set(keys), by(test::kSecret32, "a")), std::nullopt);
  EXPECT_EQ(verdict(from_set(keys), by(test::kSecret64, "b")), std::nullopt);
  EXPECT_EQ(verdict(from_set(keys), by(test::kSecret64, "a")), JwtRejection::signature);
  EXPECT_EQ(verdict(from_set(keys), by(test::kSecret32, "c")), JwtRejection::unknown_key);
  EXPECT_EQ(verdict(from_set(keys), by(test::kSecret32, "")), JwtRejection::unknown_key);
  EXPECT_EQ(verdict(from_set(keys), by(test::kSecret64, std::nullopt)), std::nullopt);
  EXPECT_EQ(verdict(from_set(test::oct_jwk(test::kSecret32)), by(test::kSecret32, "a")),
            JwtRejection::unknown_key)
      << "a key without an id is not the one that the token names";
  EXPECT_EQ(verdict(from_secret(test::kSecret32), by(test::kSecret32, "a")), std::nullopt)
      << "a secret has no name";
}

TEST(JwtKeySetTest, KeysWithTheSameIdAreAllTried) {
  const std::string keys = test::oct_jwk(test::kSecret32, R"(,"kid":"a")") + ',' +
                           test::rsa_key().jwk(R"(,"kid":"a")") + ',' +
                           test::oct_jwk(test::kSecret64, R"(,"kid":"a")");
  EXPECT_EQ(
      verdict(from_set(keys), test::signed_token(test::kSecret64, Algorithm::hs256, "{}", "a")),
      std::nullopt);
}

TEST(JwtKeySetTest, TheAlgOfAKeyLimitsIt) {
  const auto keys = from_set(test::rsa_key().jwk(R"(,"alg":"RS384","use":"sig")"));
  using enum JwtAlgorithm;
  EXPECT_EQ(verdict(keys, test::signed_token(test::rsa_key(), rs384, "{}")), std::nullopt);
  for (const Algorithm other : {rs256, rs512, ps256}) {
    EXPECT_EQ(verdict(keys, test::signed_token(test::rsa_key(), other, "{}")),
              JwtRejection::unknown_key);
  }
}

TEST(JwtKeySetTest, KeysForOtherUsesAreLeftOutWithAWarning) {
  const std::string good = test::oct_jwk(test::kSecret32);
  for (const auto& [key, why] : std::vector<std::pair<std::string, std::string>>{
           {test::rsa_key().jwk(R"(,"use":"enc")"), "is not for verifying"},
           {test::rsa_key().jwk(R"(,"use":1)"), "is not for verifying"},
           {test::rsa_key().jwk(R"(,"key_ops":["sign"])"), "is not for verifying"},
           {test::rsa_key().jwk(R"(,"key_ops":"verify")"), "is not for verifying"},
           {test::rsa_key().jwk(R"(,"alg":"ES256")"), "has the alg ES256, which does not fit it"},
           {test::rsa_key().jwk(R"(,"alg":"RSA-OAEP")"), "has an alg that is not one of HS256"},
           {test::rsa_key().jwk(R"(,"alg":256)"), "has an alg that is not one of HS256"},
           {test::rsa_key().jwk(R"(,"kid":1)"), "has a kid that is not a string"},
           {test::rsa_key().jwk(R"(,"d":"AQAB")"), "is a private key"},
           {test::oct_jwk("short"), "has 5 bytes; HS256 needs at least 32"},
           {test::oct_jwk(""), "has 0 bytes"},
           {test::oct_jwk(test::kSecret32, R"(,"alg":"HS512")"), "has the alg HS512"},
           {R"({"kty":"oct"})", "has no k"},
           {R"({"kty":"oct","k":"a="})", "has no k"},
           {R"({"kty":"OKP","crv":"Ed25519","x":"AA"})", "is of another type"},
           {R"({"kty":1})", "is of another type"},
           {R"({"kty":"RSA","n":"AQAB","e":"AQAB"})", "is an RSA key of 17 bits"},
           {R"({"kty":"RSA","n":"","e":""})", "is an RSA key of 0 bits"},
           {R"({"kty":"RSA","n":1,"e":[]})", "has no n and e"},
           {R"({"kty":"EC","crv":"P-521","x":"AA","y":"AA"})", "is on another curve"},
           {R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})", "has no x and y"},
           {R"({"kty":"EC","crv":"P-256","x":")" + std::string(43, 'A') + R"(","y":")" +
                std::string(43, 'A') + R"("})",
            "is damaged"},
           {"1", "is not an object"}}) {
    const auto built = JwtKeySet::build(from_set(key + ',' + good));
    EXPECT_THAT(built.faults, IsEmpty()) << key;
    ASSERT_EQ(built.warnings.size(), 1U) << key;
    EXPECT_THAT(built.warnings[0], HasSubstr("jwks.json: key 1")) << key;
    EXPECT_THAT(built.warnings[0], HasSubstr(why)) << key;
    EXPECT_EQ(built.keys->size(), 1U) << key;
    EXPECT_EQ(faults_of(from_set(key)), built.warnings) << "a fault where nothing else is";
  }
}

TEST(JwtKeySetTest, AnExponentOf1MakesNoSignature) {
  JsonTree jwk = parse_json_object(test::rsa_key().jwk());
  set_member(jwk.get(), "e", "AQ");
  EXPECT_THAT(faults_of(from_set(json_text(jwk.get()))), ElementsAre(HasSubstr("is damaged")));
}

TEST(JwtKeySetTest, APointThatIsOnAnotherCurveIsNoKey) {
  JsonTree jwk = parse_json_object(test::p256_key().jwk());
  auto x = decode_base64url(*json_string_of(json_object_get(jwk.get(), "x"))).value();
  x[5] = static_cast<char>(x[5] ^ 1);
  set_member(jwk.get(), "x", encode_base64url(x));
  EXPECT_THAT(faults_of(from_set(json_text(jwk.get()))), ElementsAre(HasSubstr("is damaged")));
}

TEST(JwtKeySetTest, ASecretInAPublicSetIsNotUsed) {
  const std::string keys = test::oct_jwk(test::kSecret32) + ',' + test::p256_key().jwk();
  const auto built = JwtKeySet::build(from_set(keys, true));
  EXPECT_THAT(built.warnings, ElementsAre(HasSubstr("is a secret, but the set is public")));
  EXPECT_EQ(built.keys->size(), 1U);
}

TEST(JwtKeySetTest, AllFaultsAreReportedAtOnceAndNeverASecret) {
  JwtKeySources sources = from_pems({"nothing", test::p256_key().private_pem()});
  sources.secrets = {{.name = "a.txt", .text = "hunter2"}, {.name = "b.txt", .text = ""}};
  sources.jwks = {.name = "jwks.json", .text = R"({"keys":{}})"};
  const auto faults = faults_of(sources);
  EXPECT_THAT(faults,
              ElementsAre("a.txt: the secret has 7 bytes; HS256 needs at least 32",
                          "b.txt: the secret has 0 bytes; HS256 needs at least 32",
                          "key.pem: it is not a PEM file", HasSubstr("key.pem: it holds a private"),
                          HasSubstr("jwks.json: it is not a JSON Web Key Set")));
  for (const auto& fault : faults) EXPECT_THAT(fault, Not(HasSubstr("hunter2")));
}

TEST(JwtKeySetTest, APublicKeyIsNoSecret) {
  EXPECT_THAT(faults_of(from_secret(test::p256_key().public_pem())),
              ElementsAre(HasSubstr("is a PEM file: a public key is no secret")));
}

TEST(JwtKeySetTest, SecretsHaveALimitThatLibjoseKeeps) {
  const std::string longest(kMaxSecretBytes, 'x');
  EXPECT_EQ(verdict(from_secret(longest), test::signed_token(longest, Algorithm::hs512, "{}")),
            std::nullopt);
  EXPECT_THAT(faults_of(from_secret(longest + 'x')), ElementsAre(HasSubstr("at most 1,024")));
}

TEST(JwtKeySetTest, ThereIsAKeyAndThereAreNotTooMany) {
  EXPECT_THAT(faults_of({}), ElementsAre("there is no key that verifies tokens"));
  EXPECT_THAT(faults_of(from_set("")), ElementsAre("jwks.json: it has no key"));
  std::string keys = test::oct_jwk(test::kSecret32);
  for (std::size_t i = 1; i < JwtKeySet::kMaxKeys; ++i)
    keys += ',' + test::oct_jwk(test::kSecret32);
  EXPECT_THAT(faults_of(from_set(keys)), IsEmpty());
  keys += ',' + test::oct_jwk(test::kSecret32);
  EXPECT_THAT(faults_of(from_set(keys)), ElementsAre("there are more than 32 keys"));
  EXPECT_THAT(faults_of({.jwks = NamedText{.name = "j", .text = std::string(300'000, ' ')}}),
              ElementsAre("j: it has more than 262,144 bytes"));
}

TEST(JwtKeySetTest, WithoutKeysNothingIsVerified) {
  const auto parsed =
      parse_compact_jws(test::signed_token(test::kSecret32, Algorithm::hs256, "{}"));
  EXPECT_EQ(JwtKeySet().verify(std::get<CompactJws>(parsed)), JwtRejection::unknown_key);
}

}  // namespace
}  // namespace wscast::program
