#include "http/text.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::http {
namespace {

std::vector<std::string> elements(std::string_view list) {
  std::vector<std::string> found;
  std::string_view element;
  for (ListReader reader(list); reader.next(element);) found.emplace_back(element);
  return found;
}

TEST(Text, ComparesAsciiLettersIgnoringCaseAndNothingElse) {
  EXPECT_TRUE(equal_ignoring_case("WebSocket", "wEBsOCKET"));
  EXPECT_FALSE(equal_ignoring_case("websocket", "websockets"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));
}

TEST(Text, KnowsTheCharactersOfATokenByRfc7230Section3_2_6) {
  EXPECT_TRUE(is_token("aZ09!#$%&'*+-.^_`|~"));
  for (const char c : std::string("\0 \t\"(),/:;<=>?@[\\]{}\x7f\x80", 22)) {
    EXPECT_FALSE(is_token(std::string("a") + c)) << static_cast<int>(c);
  }
  EXPECT_FALSE(is_token(""));
}

TEST(Text, TrimsBlanksAtBothEnds) {
  EXPECT_EQ(trimmed(" \t a b\t "), "a b");
  EXPECT_EQ(trimmed(" \t"), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(Text, ReadsAListElementByElementEmptyOnesIncluded) {
  EXPECT_EQ(elements("a , b,c"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(elements("a,,"), (std::vector<std::string>{"a", "", ""}));
  EXPECT_EQ(elements(""), (std::vector<std::string>{""}));
}

}  // namespace
}  // namespace wscast::http
