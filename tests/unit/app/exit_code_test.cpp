#include "exit_code.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

TEST(ExitCode, TheTableIsInOrderAndHasNothingTwice) {
  const auto place = [](const ExitStatus& status) {
    return std::pair(status.code, status.command);
  };
  const auto statuses = exit_statuses();
  EXPECT_TRUE(std::ranges::is_sorted(statuses, std::less(), place));
  EXPECT_EQ(std::ranges::adjacent_find(statuses, std::equal_to(), place), statuses.end());
}

TEST(ExitCode, TheNumbersThatScriptsRelyOn) {
  EXPECT_EQ(kDone, 0);
  EXPECT_EQ(kFailed, 1);
  EXPECT_EQ(kUnusable, 2);
  EXPECT_EQ(kRefused, 3);
  EXPECT_EQ(kUnreachable, 4);
  EXPECT_EQ(kBackplaneDown, 5);
  EXPECT_EQ(kNothingCame, 6);
  EXPECT_EQ(kFoundErrors, 7);
  EXPECT_EQ(kEndedAtOnce, 130);
}

}  // namespace
}  // namespace wscast::program
