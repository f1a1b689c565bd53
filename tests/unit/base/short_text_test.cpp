#include "base/short_text.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace wscast {
namespace {

TEST(ShortText, TakesTwoPointers) {
  EXPECT_EQ(sizeof(ShortText), 2 * sizeof(void*));
}

TEST(ShortText, IsEmptyAtFirst) {
  EXPECT_TRUE(ShortText().empty());
  EXPECT_EQ(ShortText().view(), "");
}

TEST(ShortText, KeepsATextOfAnyLength) {
  for (std::size_t size = 0; size < 300; ++size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + (i + size) % 26);
    const ShortText kept(text);
    EXPECT_EQ(kept.view(), text);
    EXPECT_EQ(kept.empty(), size == 0);
  }
}

TEST(ShortText, KeepsBytesThatAreNoLetters) {
  const std::string text("\0\x10\xff\x7f", 4);
  EXPECT_EQ(ShortText(text).view(), text);
}

TEST(ShortText, IsMoved) {
  const std::string longer(100, 'x');
  for (const std::string& text : {std::string("short"), longer}) {
    ShortText from(text);
    ShortText to(std::move(from));
    EXPECT_EQ(to.view(), text);
    for (const std::string& before : {std::string("other"), std::string(50, 'y')}) {
      ShortText other(before);
      other = std::move(to);
      EXPECT_EQ(other.view(), text);
      to = std::move(other);
      EXPECT_EQ(to.view(), text);
    }
  }
}

}  // namespace
}  // namespace wscast
