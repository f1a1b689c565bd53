#include "ws/utf8_validator.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::ws {
namespace {

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

bool valid_in_pieces(std::string_view text, std::size_t piece) {
  Utf8Validator validator;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    if (!validator.feed(bytes(text.substr(at, piece)))) return false;
  }
  return validator.complete();
}

/// The byte after which the text was refused; its size when it was not.
std::size_t refused_at(std::string_view text) {
  Utf8Validator validator;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!validator.feed(bytes(text.substr(i, 1)))) return i;
  }
  return text.size();
}

const std::vector<std::string> kValid = {
    "",
    "plain",
    "\xc3\xa9",
    "\xe2\x82\xac",
    "\xf0\x9f\x98\x80",
    "\xed\x9f\xbf",
    "\xee\x80\x80",
    "\xef\xbf\xbf",
    "\xf4\x8f\xbf\xbf",
    "\xc2\x80",
    "\xe0\xa0\x80",
    "\xf0\x90\x80\x80",
    std::string("\0", 1),
    std::string(100, 'x') + "\xf0\x9f\x98\x80" + std::string(100, 'y')};

const std::vector<std::string> kInvalid = {"\x80",
                                           "\xbf",
                                           "\xc0\x80",
                                           "\xc1\xbf",
                                           "\xc3",
                                           "\xc3\x28",
                                           "\xe0\x9f\xbf",
                                           "\xe2\x82",
                                           "\xed\xa0\x80",
                                           "\xed\xbf\xbf",
                                           "\xf0\x8f\xbf\xbf",
                                           "\xf0\x9f\x98",
                                           "\xf4\x90\x80\x80",
                                           "\xf5\x80\x80\x80",
                                           "\xfe",
                                           "\xff",
                                           "\xf0\x9f\x98\x80\x80",
                                           std::string(100, 'x') + "\xc3" + std::string(100, 'y')};

TEST(Utf8Validator, AcceptsValidTextInAnyPieces) {
  for (const auto& text : kValid) {
    EXPECT_TRUE(is_utf8(bytes(text)));
    for (std::size_t piece = 1; piece <= text.size() + 1; ++piece) {
      EXPECT_TRUE(valid_in_pieces(text, piece)) << testing::PrintToString(text) << piece;
    }
  }
}

TEST(Utf8Validator, RefusesInvalidTextInAnyPieces) {
  for (const auto& text : kInvalid) {
    EXPECT_FALSE(is_utf8(bytes(text)));
    for (std::size_t piece = 1; piece <= text.size() + 1; ++piece) {
      EXPECT_FALSE(valid_in_pieces(text, piece)) << testing::PrintToString(text) << piece;
    }
  }
}

TEST(Utf8Validator, FindsOneInvalidByteAtAnyPlaceOfAnyLength) {
  for (std::size_t size = 1; size < 200; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      text[at] = '\x80';
      ASSERT_FALSE(is_utf8(bytes(text))) << at << " of " << size;
    }
  }
}

TEST(Utf8Validator, RefusesAtTheFirstImpossibleByte) {
  EXPECT_EQ(refused_at("a\x80"), 1u);
  EXPECT_EQ(refused_at("\xc0\x80"), 0u);
  EXPECT_EQ(refused_at("\xed\xa0\x80"), 1u);
  EXPECT_EQ(refused_at("\xf4\x90\x80\x80"), 1u);
  EXPECT_EQ(refused_at("\xe2\x82("), 2u);
  EXPECT_EQ(refused_at("\xf0\x9f\x98z"), 3u);
}

TEST(Utf8Validator, RefusesAnImpossibleTailInsideOnePiece) {
  Utf8Validator validator;
  EXPECT_FALSE(validator.feed(bytes("text \xed\xa0")));
}

}  // namespace
}  // namespace wscast::ws
