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
  set_log_sink(
      [&](const LogLine& logged) {
        lines.push_back(std::string(logged.event) + ": " + std::string(logged.message));
      },
      LogLevel::warning);
  log(LogLevel::info, "said", "quiet");
  log(LogLevel::warning, "said", "just loud enough");
  log(LogLevel::error, "said", "loud");
  set_log_sink(nullptr);
  log(LogLevel::error, "said", "gone");
  EXPECT_EQ(lines, (std::vector<std::string>{"said: just loud enough", "said: loud"}));
}

}  // namespace
}  // namespace wscast
