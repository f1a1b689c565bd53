#include "server/tally.h"

#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::server {
namespace {

class TallyTest : public testing::Test {
 protected:
  std::optional<PublishResult> told_;
  int times_ = 0;
  Tally tally_{[this](const PublishResult& result) {
    told_ = result;
    ++times_;
  }};
};

TEST_F(TallyTest, TheLastReportIsTheOneToTell) {
  tally_.expect(3);
  EXPECT_FALSE(tally_.report({.accepted = 1}));
  EXPECT_FALSE(tally_.report({.accepted = 1}));
  EXPECT_TRUE(tally_.report({.accepted = 1}));
}

TEST_F(TallyTest, AddsUpWhatEachShardReports) {
  tally_.expect(2);
  tally_.report({.accepted = 3, .dropped = 1});
  tally_.report({.accepted = 4, .dropped = 2});
  tally_.tell();
  EXPECT_EQ(told_->accepted, 7u);
  EXPECT_EQ(told_->dropped, 3u);
  EXPECT_EQ(told_->backplane, Backplane::none);
}

TEST_F(TallyTest, D11NothingIsToldInsideAReport) {
  tally_.expect(1);
  EXPECT_TRUE(tally_.report({}));
  EXPECT_EQ(times_, 0);
  tally_.tell();
  EXPECT_EQ(times_, 1);
}

TEST_F(TallyTest, D10ACancelledOneTellsNobody) {
  tally_.expect(1);
  tally_.cancel();
  EXPECT_TRUE(tally_.report({.accepted = 1}));
  tally_.tell();
  EXPECT_EQ(times_, 0);
}

TEST_F(TallyTest, ReportsFromManyThreadsAreAllCountedAndOneIsTheLast) {
  constexpr std::size_t kShards = 4;
  constexpr std::size_t kReports = 1'000;
  tally_.expect(kShards * kReports);
  std::atomic<int> last = 0;
  std::vector<std::jthread> threads;
  for (std::size_t shard = 0; shard < kShards; ++shard) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < kReports; ++i) {
        if (tally_.report({.accepted = 1, .dropped = 2})) ++last;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(last, 1);
  tally_.tell();
  EXPECT_EQ(told_->accepted, kShards * kReports);
  EXPECT_EQ(told_->dropped, 2 * kShards * kReports);
}

}  // namespace
}  // namespace wscast::server
