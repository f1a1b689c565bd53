#include "base/base64.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// What `text` stands for, in a buffer of `room` bytes; nothing when it is refused.
std::optional<std::string> decoded(std::string_view text, std::size_t room = 64) {
  std::vector<std::uint8_t> out(room);
  const auto size = base64_decode(text, out);
  if (!size) return std::nullopt;
  return std::string(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*size));
}

TEST(Base64, DecodesTheVectorsOfRfc4648) {
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("Zg=="), "f");
  EXPECT_EQ(decoded("Zm8="), "fo");
  EXPECT_EQ(decoded("Zm9v"), "foo");
  EXPECT_EQ(decoded("Zm9vYg=="), "foob");
  EXPECT_EQ(decoded("Zm9vYmFy"), "foobar");
}

TEST(Base64, DecodesWhatItEncodesWhateverTheBytes) {
  std::string all;
  for (int value = 0; value < 256; ++value) all.push_back(static_cast<char>(value));
  for (std::size_t size = 0; size <= all.size(); ++size) {
    const std::string_view part = std::string_view(all).substr(all.size() - size);
    EXPECT_EQ(decoded(base64_encode(bytes(part)), size), part);
  }
}

TEST(Base64, RefusesWhatDoesNotFit) {
  EXPECT_EQ(decoded("Zm9v", 3), "foo");
  EXPECT_EQ(decoded("Zm9v", 2), std::nullopt);
  EXPECT_EQ(decoded("Zg==", 1), "f");
  EXPECT_EQ(decoded("Zg==", 0), std::nullopt);
}

TEST(Base64, RefusesWhateverIsNotTheCanonicalForm) {
  for (const std::string_view text :
       {"Z",        "Zg",       "Zm8",  "Zg=",     "Zm9vZg",  "dGhlIHNhbXBsZSBub25jZQ",
        "Zh==",     "Zm9=",     "Z===", "====",    "=",       "Zg==Zg==",
        "Zm8=Zm9v", "Z=9v",     "Zm=v", "Zm9-",    "Zm9_",    " Zm9v",
        "Zm9v\n",   "Zm9v    ", "Zm 9", "Zm9\x80", "Zm9v===="}) {
    EXPECT_EQ(decoded(text), std::nullopt) << text;
  }
  EXPECT_EQ(decoded(std::string_view("Zm9\0", 4)), std::nullopt);
}

// RFC 4648 section 3.5: two bits of the last digit stand for no byte, or four.
TEST(Base64, AcceptsOnlyZerosForTheBitsThatEncodeNoByte) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t value = 0; value < digits.size(); ++value) {
    const std::string last(1, digits[value]);
    EXPECT_EQ(decoded("Zm" + last + "=").has_value(), value % 4 == 0) << last;
    EXPECT_EQ(decoded("Z" + last + "==").has_value(), value % 16 == 0) << last;
  }
}

}  // namespace
}  // namespace wscast
