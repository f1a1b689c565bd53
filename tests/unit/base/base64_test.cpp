#include "base/base64.h"

#include <string_view>

#include <gtest/gtest.h>

namespace wscast {
namespace {

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(Base64, EncodesTheVectorsOfRfc4648) {
  EXPECT_EQ(base64_encode(bytes("")), "");
  EXPECT_EQ(base64_encode(bytes("f")), "Zg==");
  EXPECT_EQ(base64_encode(bytes("fo")), "Zm8=");
  EXPECT_EQ(base64_encode(bytes("foo")), "Zm9v");
  EXPECT_EQ(base64_encode(bytes("foob")), "Zm9vYg==");
  EXPECT_EQ(base64_encode(bytes("foobar")), "Zm9vYmFy");
}

TEST(Base64, TakesTheCanonicalFormOfTheRightSize) {
  EXPECT_TRUE(is_base64_of("dGhlIHNhbXBsZSBub25jZQ==", 16));
  EXPECT_TRUE(is_base64_of("Zm9v", 3));
  EXPECT_FALSE(is_base64_of("Zm9v", 2));
  EXPECT_FALSE(is_base64_of("Zm9v", 6));
}

TEST(Base64, RefusesMissingPaddingForeignAlphabetAndUsedUpBits) {
  EXPECT_FALSE(is_base64_of("dGhlIHNhbXBsZSBub25jZQ", 16));
  EXPECT_FALSE(is_base64_of("dGhlIHNhbXBsZSBub25jZR==", 16));
  EXPECT_FALSE(is_base64_of("dGhlIHNhbXBsZSBub25jZU==", 16));
  EXPECT_FALSE(is_base64_of("dGhlIHNhbXBsZSBub25jZ===", 16));
  EXPECT_FALSE(is_base64_of("dGhlIHNhbXBsZSBub25j-Q==", 16));
}

}  // namespace
}  // namespace wscast
