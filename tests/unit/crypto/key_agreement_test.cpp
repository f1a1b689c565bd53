#include "crypto/key_agreement.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "base/base64.h"
#include "support/ecdh_client.h"
#include "support/fake_random.h"
#include "support/hex.h"

namespace wscast::crypto {
namespace {

const std::string kInfo(EcdhClient::kInfo);

class KeyAgreementTest : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_EQ(ERR_peek_error(), 0u) << "nothing is left for the next user of OpenSSL";
  }

  void expect_same_keys(const Agreement& agreement) const {
    EXPECT_TRUE(std::ranges::equal(agreement.to_client.bytes(), client_.to_client));
    EXPECT_TRUE(std::ranges::equal(agreement.to_server.bytes(), client_.to_server));
  }

  FakeRandom random_;
  KeyAgreement agreement_{kInfo, random_};
  EcdhClient client_;
};

// shows: S2
TEST_F(KeyAgreementTest, S1BothSidesDeriveTheSameKeys) {
  for (int n = 0; n < 20; ++n) {
    client_ = EcdhClient();
    const auto agreed = agreement_.agree(client_.public_key());
    ASSERT_TRUE(agreed);
    client_.learn(agreed->server_public_key, agreed->salt);
    expect_same_keys(*agreed);
    EXPECT_NE(client_.to_client, client_.to_server) << "S8: a key for each direction";
  }
}

TEST_F(KeyAgreementTest, S2TheSaltIsWhatRandomGave) {
  FakeRandom same;
  std::array<std::uint8_t, 32> salt;
  same.fill(salt);
  EXPECT_EQ(agreement_.agree(client_.public_key())->salt, base64_encode(salt));
}

TEST_F(KeyAgreementTest, S1S2KeyPairAndSaltAreFreshEachTime) {
  std::set<std::string> keys, salts;
  std::set<Bytes> secrets;
  for (int n = 0; n < 20; ++n) {
    const auto agreed = agreement_.agree(client_.public_key());
    ASSERT_TRUE(agreed);
    keys.insert(agreed->server_public_key);
    salts.insert(agreed->salt);
    for (const Key256* key : {&agreed->to_client, &agreed->to_server}) {
      secrets.insert(Bytes(key->bytes().begin(), key->bytes().end()));
    }
  }
  EXPECT_EQ(keys.size(), 20u);
  EXPECT_EQ(salts.size(), 20u);
  EXPECT_EQ(secrets.size(), 40u);
}

TEST_F(KeyAgreementTest, S2TheInfoMakesTheKeyToTheClientAlone) {
  for (const std::string info : {"", "another", "ignis-ecdh-p256-aes-256-gcm-v2"}) {
    KeyAgreement other(info, random_);
    const auto agreed = other.agree(client_.public_key());
    ASSERT_TRUE(agreed);
    client_.learn(agreed->server_public_key, agreed->salt, info);
    expect_same_keys(*agreed);
    client_.learn(agreed->server_public_key, agreed->salt, kInfo);
    EXPECT_FALSE(std::ranges::equal(agreed->to_client.bytes(), client_.to_client));
    EXPECT_TRUE(std::ranges::equal(agreed->to_server.bytes(), client_.to_server));
  }
}

TEST_F(KeyAgreementTest, S7WithoutRandomnessThereAreNoKeysAndNothingIsThrown) {
  random_.fails = true;
  EXPECT_FALSE(agreement_.agree(client_.public_key()));
  random_.fails = false;
  const auto agreed = agreement_.agree(client_.public_key());
  ASSERT_TRUE(agreed);
  client_.learn(agreed->server_public_key, agreed->salt);
  expect_same_keys(*agreed);
}

struct KeyText {
  std::string name;
  std::string text;

  friend void PrintTo(const KeyText& row, std::ostream* out) { *out << row.name; }
};

class KeyTexts : public KeyAgreementTest, public testing::WithParamInterface<KeyText> {};

TEST_P(KeyTexts, S7AreRefused) {
  EXPECT_FALSE(agreement_.agree(GetParam().text));
  EXPECT_EQ(random_.calls, 0) << "before anything is spent on it";
}

/// A point on the curve whose base64 has both characters in which the alphabets differ.
const std::string kPoint =
    "04b69519776ef9371d0d73a9b80e919df097d52ce48765eb3af7ddae0e9623e4f3"
    "6db2a214747f23d86a3ace8d23008ab2f2f2cbf6b566b694684d4c60d460149d";
const std::string kText = base64_encode(hex(kPoint));

std::string replaced(char from, char to) {
  std::string text = kText;
  std::ranges::replace(text, from, to);
  return text;
}

std::string text_of(const std::string& digits) {
  return base64_encode(hex(digits));
}

/// Its last digit stands for four bits of the last byte and two that are nothing.
std::string with_last_bits(int bits) {
  std::string text = kText;
  text[text.size() - 2] = static_cast<char>(text[text.size() - 2] + bits);
  return text;
}

TEST_F(KeyAgreementTest, S7ThePointOfTheseTextsIsTakenInItsOneForm) {
  ASSERT_EQ(kText.size(), 88u);
  ASSERT_EQ(kText.back(), '=');
  ASSERT_NE(kText.find('+'), std::string::npos);
  ASSERT_NE(kText.find('/'), std::string::npos);
  EXPECT_TRUE(agreement_.agree(kText));
}

// clang-format off
const std::vector<KeyText> kTexts = {
    {"Empty", ""},
    {"NoBase64", "{\"kty\":\"EC\",\"crv\":\"P-256\"}"},
    {"Hexadecimal", kPoint},
    {"RawBytes", std::string(65, '\x04')},
    {"Unpadded", kText.substr(0, 87)},
    {"PaddedTwice", kText + "="},
    {"PaddedByFour", kText + "===="},
    {"UrlAlphabetForPlus", replaced('+', '-')},
    {"UrlAlphabetForSlash", replaced('/', '_')},
    {"LastBitsOfOne", with_last_bits(1)},
    {"LastBitsOfTwo", with_last_bits(2)},
    {"LastBitsOfThree", with_last_bits(3)},
    {"SpaceBefore", " " + kText},
    {"NewLineBehind", kText + "\n"},
    {"SpacesToAMultipleOfFour", kText + "    "},
    {"ANewLineInside", kText.substr(0, 64) + "\r\n" + kText.substr(64)},
    {"ZeroByteInside", kText.substr(0, 40) + std::string(1, '\0') + kText.substr(41)},
    {"NotAscii", kText.substr(0, 40) + "\xc3\xa9" + kText.substr(42)},
    {"Twice", kText + kText},
    {"OneByte", text_of("04")},
    {"AByteLess", text_of(kPoint.substr(0, 128))},
    {"AByteMore", text_of(kPoint + "00")},
    {"WithoutItsFirstByte", text_of(kPoint.substr(2))},
    {"Compressed", text_of("03" + kPoint.substr(2, 64))},
    {"Hybrid", text_of("07" + kPoint.substr(2))},
    {"Infinity", text_of("00")},
    {"InfinityInManyBytes", text_of(std::string(130, '0'))},
    {"OffTheCurve", text_of(kPoint.substr(0, 129) + "e")},
    {"VeryLong", std::string(1'000'000, 'A')},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Each, KeyTexts, testing::ValuesIn(kTexts),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace wscast::crypto
