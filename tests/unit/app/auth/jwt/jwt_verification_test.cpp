#include "auth/jwt/jwt_verification.h"

#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "unit/app/auth/jwt/test_keys.h"

namespace wscast::program {
namespace {

using namespace std::chrono_literals;

// RFC 7515 appendix A.1 to A.3 and RFC 7519 section 3.1: the claims are
// {"iss":"joe","exp":1300819380,"http://example.com/is_root":true}.
const std::string kPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
constexpr std::int64_t kExpiry = 1'300'819'380;

const std::string kOctKey =
    R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4h)"
    R"(cgUuTwjAzZr1Z9CAow"})";
const std::string kOctToken = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + kPayload +
                              ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

const std::string kRsaKey =
    R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddx)"
    "HmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGz"
    "jb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3"
    R"(qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuX)"
    R"(poQ"})";
const std::string kRsaToken =
    "eyJhbGciOiJSUzI1NiJ9." + kPayload +
    ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5j"
    "ujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L0"
    "7Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUip"
    "UTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

const std::string kEcKey =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
const std::string kEcToken =
    "eyJhbGciOiJFUzI1NiJ9." + kPayload +
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

// RFC 7515 appendix A.5, RFC 7519 section 6.1.
const std::string kUnsecuredToken = "eyJhbGciOiJub25lIn0." + kPayload + ".";

JwtResult<Grant> verify(const std::string& key, const std::string& token,
                        std::int64_t now = kExpiry - 1) {
  const auto keys = JwtKeySet::build({.jwks = NamedText{.name = "", .text = test::jwks(key)}}).keys;
  return verify_jwt(token, *keys, {.leeway = 0s, .user_claim = "iss"}, test::at(now));
}

JwtRejection rejection_of(const JwtResult<Grant>& result) {
  const auto* rejection = std::get_if<JwtRejection>(&result);
  return rejection == nullptr ? JwtRejection::count_ : *rejection;
}

TEST(JwtVerificationTest, TheTokensOfRfc7515AreAccepted) {
  for (const auto& [key, token] :
       {std::pair{kOctKey, kOctToken}, {kRsaKey, kRsaToken}, {kEcKey, kEcToken}}) {
    const auto result = verify(key, token);
    ASSERT_TRUE(std::holds_alternative<Grant>(result)) << token;
    const auto& grant = std::get<Grant>(result);
    EXPECT_EQ(grant.user_id, "joe");
    EXPECT_EQ(grant.metadata, R"({"http://example.com/is_root":true})");
    EXPECT_EQ(grant.expires_in, 1s);
  }
}

TEST(JwtVerificationTest, TheTokensOfRfc7515ExpireAndHaveOneKey) {
  const std::string keys = kOctKey + ',' + kRsaKey + ',' + kEcKey;
  for (const std::string& token : {kOctToken, kRsaToken, kEcToken}) {
    EXPECT_EQ(rejection_of(verify(keys, token)), JwtRejection::count_);
    EXPECT_EQ(rejection_of(verify(keys, token, kExpiry)), JwtRejection::expired);
  }
  EXPECT_EQ(rejection_of(verify(kOctKey, kRsaToken)), JwtRejection::unknown_key);
  EXPECT_EQ(rejection_of(verify(kOctKey + ',' + kRsaKey, kEcToken)), JwtRejection::unknown_key);
}

TEST(JwtVerificationTest, TheUnsecuredTokenOfRfc7515IsRejected) {
  EXPECT_EQ(rejection_of(verify(kOctKey, kUnsecuredToken)), JwtRejection::algorithm);
}

TEST(JwtVerificationTest, NoBitOfATokenMayChange) {
  for (const auto& [key, token] :
       {std::pair{kOctKey, kOctToken}, {kRsaKey, kRsaToken}, {kEcKey, kEcToken}}) {
    for (std::size_t at = 0; at < token.size(); ++at) {
      std::string changed = token;
      changed[at] = changed[at] == 'A' ? 'B' : 'A';
      EXPECT_NE(rejection_of(verify(key, changed)), JwtRejection::count_) << changed;
    }
  }
}

TEST(JwtVerificationTest, NoPieceOfATokenIsOne) {
  for (std::size_t size = 0; size < kEcToken.size(); ++size) {
    EXPECT_NE(rejection_of(verify(kEcKey, kEcToken.substr(0, size))), JwtRejection::count_);
    EXPECT_NE(rejection_of(verify(kEcKey, kEcToken.substr(size + 1))), JwtRejection::count_);
  }
  EXPECT_NE(rejection_of(verify(kEcKey, kEcToken + "A")), JwtRejection::count_);
}

TEST(JwtVerificationTest, ASignatureOfZerosIsNone) {  // CVE-2022-21449
  for (const std::size_t bytes : {0, 1, 64, 96}) {
    const std::string token =
        kEcToken.substr(0, kEcToken.rfind('.') + 1) + encode_base64url(std::string(bytes, '\0'));
    EXPECT_EQ(rejection_of(verify(kEcKey, token)), JwtRejection::signature) << bytes;
  }
}

TEST(JwtVerificationTest, APublicKeyIsNoSecretForHmac) {
  for (const std::string& secret : {test::rsa_key().public_pem(), test::rsa_key().jwk()}) {
    const std::string token =
        test::hs256_token(R"({"alg":"HS256"})", R"({"iss":"joe","exp":1300819380})", secret);
    EXPECT_EQ(rejection_of(verify(test::rsa_key().jwk(), token)), JwtRejection::unknown_key);
  }
}

TEST(JwtVerificationTest, TheOptionsMayAllowFewerAlgorithms) {
  const auto keys = JwtKeySet::build({.secrets = {{.name = "", .text = test::kSecret64}}}).keys;
  const JwtOptions options{.algorithms = {"HS512", "RS256"}};
  const auto by = [&](JwtAlgorithm algorithm) {
    const std::string token =
        test::signed_token(test::kSecret64, algorithm, R"({"sub":"alice","exp":1000})");
    return rejection_of(verify_jwt(token, *keys, options, test::at(1)));
  };
  EXPECT_EQ(by(JwtAlgorithm::hs512), JwtRejection::count_);
  EXPECT_EQ(by(JwtAlgorithm::hs256), JwtRejection::algorithm);
}

TEST(JwtVerificationTest, ClaimsAreNotLookedAtBeforeTheSignature) {
  const std::string token = test::unsigned_token(R"({"alg":"HS256"})", "not JSON");
  EXPECT_EQ(rejection_of(verify(kOctKey, token)), JwtRejection::signature);
}

}  // namespace
}  // namespace wscast::program
