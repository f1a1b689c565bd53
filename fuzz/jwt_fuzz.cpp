// JSON Web Tokens, and the files that their keys come from. The first byte says what the rest is:
//   t  a token: only the three of RFC 7515 were signed, so no other is accepted
//   c  the claims of a token that is signed here
//   h  its header
//   k  a JSON Web Key Set
//   p  a PEM file

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <openssl/evp.h>

#include "auth/jwt/json_tree.h"
#include "auth/jwt/jwt_verification.h"
#include "auth/jwt/libjose.h"
#include "stream.h"

namespace {

using namespace wscast;
using fuzz::require;
using program::JwtKeySet;
using program::JwtOptions;

// RFC 7515 appendix A.1 to A.3.
constexpr std::string_view kRfcKeys =
    R"({"keys":[{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3)"
    R"(Yj0iPS4hcgUuTwjAzZr1Z9CAow"},)"
    R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddx)"
    R"(HmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo)"
    R"(9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4)"
    R"(uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9g)"
    R"(b54h4FRWyuXpoQ"},)"
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";

// The signatures of appendix A.1 to A.3.
constexpr std::array<std::string_view, 3> kRfcSignatures = {
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
    "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1"
    "L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYE"
    "UipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"};
constexpr std::string_view kRfcPayload =
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ.";

const std::string kSecret(32, 's');
constexpr std::chrono::system_clock::time_point kNow(std::chrono::seconds(1'300'000'000));

bool is_of_rfc(std::string_view token) {
  return token.find(kRfcPayload) != std::string_view::npos &&
         std::ranges::any_of(kRfcSignatures, [token](std::string_view signature) {
           return token.ends_with(signature);
         });
}

void check_grant(const program::Grant& grant) {
  require(!grant.user_id.empty(), "a grant names a user");
  require(program::parse_json_object(grant.metadata) != nullptr, "metadata is an object");
  require(grant.expires_in && grant.expires_in->count() >= 0, "a grant ends later");
}

void check_token(std::string_view token) {
  static const auto keys =
      JwtKeySet::build({.jwks = program::NamedText{.name = "rfc", .text = std::string(kRfcKeys)}})
          .keys;
  const auto result = program::verify_jwt(token, *keys, {.user_claim = "iss"}, kNow);
  const auto* grant = std::get_if<program::Grant>(&result);
  if (grant == nullptr) return;
  require(is_of_rfc(token), "only what was signed is accepted");
  require(grant->user_id == "joe", "it says what was signed");
}

std::string signed_token(std::string_view header, std::string_view payload) {
  const std::string input =
      program::encode_base64url(header) + '.' + program::encode_base64url(payload);
  std::string mac(32, '\0');
  std::size_t size = 0;
  EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, kSecret.data(), kSecret.size(),
            reinterpret_cast<const unsigned char*>(input.data()), input.size(),
            reinterpret_cast<unsigned char*>(mac.data()), mac.size(), &size);
  return input + '.' + program::encode_base64url(mac);
}

/// Whether the token was accepted; it is signed.
bool check_signed(std::string_view header, std::string_view payload) {
  static const auto keys = JwtKeySet::build({.secrets = {{.name = "s", .text = kSecret}}}).keys;
  const auto result = program::verify_jwt(signed_token(header, payload), *keys, {}, kNow);
  const auto* grant = std::get_if<program::Grant>(&result);
  if (grant != nullptr) check_grant(*grant);
  return grant != nullptr;
}

void check_header(std::string_view header) {
  if (!check_signed(header, R"({"sub":"alice","exp":1300000060})")) return;
  const auto tree = program::parse_json_object(header);
  require(tree != nullptr, "a header is an object");
  require(program::json_string_of(json_object_get(tree.get(), "alg")) == "HS256",
          "the key fixes the algorithm");
  require(json_object_get(tree.get(), "crit") == nullptr, "no extension is understood");
}

void check_sources(const program::JwtKeySources& sources) {
  const auto built = JwtKeySet::build(sources);
  require((built.keys == nullptr) == !built.faults.empty(), "keys, or what is wrong");
  for (const auto& fault : built.faults) {
    require(fault.starts_with("file") || fault.starts_with("there are more"), "a fault names it");
  }
  if (built.keys) require(built.keys->size() > 0, "there is a key");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 't':
      check_token(text);
      break;
    case 'c':
      check_signed(R"({"alg":"HS256"})", text);
      break;
    case 'h':
      check_header(text);
      break;
    case 'k':
      check_sources({.jwks = program::NamedText{.name = "file", .text = text}});
      break;
    case 'p':
      check_sources({.pems = {{.name = "file", .text = text}}});
      break;
    default:
      break;
  }
  return 0;
}
