#include "base/log.h"

#include <vector>

#include <gtest/gtest.h>

namespace wscast {
namespace {

TEST(Log, EscapesWhatAPeerMaySend) {
  EXPECT_EQ(printable("a\"b\\c\n\x7f\xc3\xa9"), "a\\\"b\\\\c\\x0a\\x7f\\xc3\\xa9");
}

TEST(Log, CutsLongText) {
  EXPECT_EQ(printable(std::string(300, 'x')), std::string(200, 'x') + "...");
}

TEST(Log, PassesOnWhatReachesTheLevel) {
  std::vector<std::string> lines;
  set_log_sink([&](LogLevel, std::string_view line) { lines.emplace_back(line); },
               LogLevel::warning);
  log(LogLevel::info, "quiet");
  log(LogLevel::warning, "just loud enough");
  log(LogLevel::error, "loud");
  set_log_sink(nullptr);
  log(LogLevel::error, "gone");
  EXPECT_EQ(lines, (std::vector<std::string>{"just loud enough", "loud"}));
}

}  // namespace
}  // namespace wscast
