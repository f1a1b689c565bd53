#include "base/client_id.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace wscast {
namespace {

TEST(ClientId, U2IsAUuidV4WhoseLastEightDigitsAreAChecksum) {
  const std::string text = ClientId::generate(system_random()).text();
  ASSERT_EQ(text.size(), 36u);
  EXPECT_EQ(text[14], '4');
  EXPECT_NE(std::string_view("89ab").find(text[19]), std::string_view::npos);

  std::string digits = text;
  std::erase(digits, '-');
  const auto digest = sha256(digits.substr(0, 24) + "wscast");
  EXPECT_EQ(digits.substr(24), hex(std::span(digest).first(4)));
}

TEST(ClientId, U2RecognisesItsOwnAndNoOther) {
  const ClientId id = ClientId::generate(system_random());
  EXPECT_EQ(ClientId::parse(id.text()), id);

  EXPECT_TRUE(id.is(id.text()));

  std::string flipped = id.text();
  flipped[0] = flipped[0] == '0' ? '1' : '0';
  EXPECT_FALSE(ClientId::parse(flipped));
  EXPECT_FALSE(id.is(flipped));
  EXPECT_FALSE(ClientId::parse("6fa459ea-ee8a-4ca4-894e-db77e160355e"));
  EXPECT_FALSE(ClientId::parse("lobby"));
  EXPECT_FALSE(id.is("lobby"));
  EXPECT_FALSE(ClientId::parse(""));
}

TEST(ClientId, U2TheChecksumAloneMakesNoClientId) {
  const std::string digits = "00112233445566778899aabb";
  const auto digest = sha256(digits + "wscast");
  EXPECT_FALSE(ClientId::parse("00112233-4455-6677-8899-aabb" + hex(std::span(digest).first(4))));
}

TEST(ClientId, WhatIsSpelledIsNotVerified) {
  const ClientId id = ClientId::generate(system_random());
  EXPECT_EQ(ClientId::spelled(id.text()), id);
  const std::string other = "6fa459ea-ee8a-3ca4-894e-db77e160355e";
  ASSERT_TRUE(ClientId::spelled(other));
  EXPECT_EQ(ClientId::spelled(other)->text(), other);
  EXPECT_FALSE(ClientId::spelled("lobby"));
  EXPECT_FALSE(ClientId::spelled(other + "0"));
}

TEST(ClientId, HasOneSpelling) {
  std::string upper = ClientId::generate(system_random()).text();
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_FALSE(ClientId::parse(upper));
}

}  // namespace
}  // namespace wscast
