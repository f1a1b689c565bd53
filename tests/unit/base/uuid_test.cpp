#include "base/uuid.h"

#include <string>

#include <gtest/gtest.h>

namespace wscast {
namespace {

TEST(Uuid, ReadsWhatItWrites) {
  UuidBytes bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 17);
  EXPECT_EQ(format_uuid(bytes), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(parse_uuid(format_uuid(bytes)), bytes);
}

TEST(Uuid, RefusesOtherShapes) {
  EXPECT_FALSE(parse_uuid("00112233445566778899aabbccddeeff"));
  EXPECT_FALSE(parse_uuid("00112233-4455-6677-8899-aabbccddeef"));
  EXPECT_FALSE(parse_uuid("00112233-4455-6677-8899-aabbccddeefg"));
  EXPECT_FALSE(parse_uuid("00112233-4455-6677-8899aaabbccddeeff"));
  EXPECT_FALSE(parse_uuid("00112233-4455-6677-8899-AABBCCDDEEFF"));
}

TEST(Uuid, RefusesACharacterThatIsWrongAtAnyPlace) {
  const std::string good = "00112233-4455-6677-8899-aabbccddeeff";
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char wrong : {'A', 'g', ' ', '\x80', good[i] == '-' ? '0' : '-'}) {
      std::string text = good;
      text[i] = wrong;
      EXPECT_FALSE(parse_uuid(text)) << text;
    }
  }
}

TEST(Uuid, StampsVersionFour) {
  UuidBytes bytes{};
  bytes.fill(0xff);
  stamp_uuid_v4(bytes);
  EXPECT_EQ(format_uuid(bytes), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

}  // namespace
}  // namespace wscast
