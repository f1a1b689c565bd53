#include "config/toml_text.h"

#include <cstddef>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

TEST(TomlText, EscapesWhatATextMayNotHave) {
  EXPECT_EQ(toml_string("a\"b\\c\n\x7f"), R"("a\"b\\c\u000a\u007f")");
  EXPECT_EQ(toml_list({"a", "b"}), R"(["a", "b"])");
  EXPECT_EQ(toml_list({}), "[]");
}

TEST(TomlText, OnlyNumbersAndBooleansHaveNoQuotes) {
  std::size_t number = 7;
  bool boolean = true;
  std::string text = "7";
  std::optional<unsigned> mode;
  EXPECT_EQ(toml_of(count_value(number)), "7");
  EXPECT_EQ(toml_of(boolean_value(boolean)), "true");
  EXPECT_EQ(toml_of(text_value(text, "TEXT")), "\"7\"");
  EXPECT_EQ(toml_of(mode_value(mode)), "\"\"");
}

}  // namespace
}  // namespace wscast::program
