#include "bench/numbered_text.h"

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

TEST(NumberedTextTest, HasItsSizeAndItsNumber) {
  for (const std::size_t size : {8u, 9u, 64u, 4'000u}) {
    NumberedText text(size);
    for (const std::uint64_t number : {0ull, 1ull, 0xffff'ffffull, 123'456'789ull}) {
      const std::string_view with = text.with(number);
      EXPECT_EQ(with.size(), size);
      EXPECT_EQ(NumberedText::read(with), number);
    }
  }
}

TEST(NumberedTextTest, NeedsNoEscapesInJson) {
  NumberedText text(10'000);
  EXPECT_EQ(text.with(7).find_first_of("\"\\\n"), std::string_view::npos);
}

TEST(NumberedTextTest, ReadsNoNumberThatNobodyWrote) {
  EXPECT_EQ(NumberedText::read("aaaaaaaq"), std::nullopt);
  EXPECT_EQ(NumberedText::read("12345678"), std::nullopt);
}

TEST(DeliveryTemplateTest, LearnsWhereTheTextStandsAndReadsOtherNumbersThere) {
  NumberedText text(20);
  const auto message = [&text](std::uint64_t number) {
    return R"({"event":"b","data":")" + std::string(text.with(number)) + R"("})";
  };
  DeliveryTemplate delivery;
  EXPECT_FALSE(delivery.learn(R"({"event":"connected"})", text.with(0)));
  EXPECT_FALSE(delivery.learned());
  EXPECT_TRUE(delivery.learn(message(0), text.with(0)));
  EXPECT_TRUE(delivery.learned());
  EXPECT_EQ(delivery.number_in(message(0)), 0u);
  EXPECT_EQ(delivery.number_in(message(41)), 41u);
}

/// Whatever byte of a message changes, it is not taken for one.
TEST(DeliveryTemplateTest, EachByteIsCompared) {
  NumberedText text(12);
  const std::string message = R"({"data":")" + std::string(text.with(5)) + R"("})";
  DeliveryTemplate delivery;
  ASSERT_TRUE(delivery.learn(message, text.with(5)));
  for (std::size_t i = 0; i < message.size(); ++i) {
    std::string other = message;
    other[i] = other[i] == '!' ? '?' : '!';
    EXPECT_EQ(delivery.number_in(other), std::nullopt) << i;
  }
  EXPECT_EQ(delivery.number_in(message + " "), std::nullopt);
  EXPECT_EQ(delivery.number_in(message.substr(1)), std::nullopt);
  EXPECT_EQ(delivery.number_in(""), std::nullopt);
}

}  // namespace
}  // namespace wscast::program
