#include "config/near_miss.h"

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

const std::vector<std::string> kKnown{"limits.message_rate", "limits.join_rate", "log.level"};

TEST(NearMiss, FindsWhatWasMeant) {
  EXPECT_EQ(near_miss("limits.mesage_rate", kKnown), "limits.message_rate");
  EXPECT_EQ(near_miss("limits.join_raet", kKnown), "limits.join_rate");
  EXPECT_EQ(near_miss("log.lvel", kKnown), "log.level");
  EXPECT_EQ(near_miss("limits.message", kKnown), "limits.message_rate");
  EXPECT_EQ(did_you_mean("log.levle", kKnown), ", did you mean \"log.level\"?");
}

TEST(NearMiss, GuessesNothingThatIsFarOff) {
  EXPECT_EQ(near_miss("webhook.url", kKnown), std::nullopt);
  EXPECT_EQ(near_miss("", kKnown), std::nullopt);
  EXPECT_EQ(near_miss(std::string(10'000, 'l'), kKnown), std::nullopt);
  EXPECT_EQ(did_you_mean("webhook.url", kKnown), "");
}

}  // namespace
}  // namespace wscast::program
