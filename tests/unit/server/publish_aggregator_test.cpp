#include "server/publish_aggregator.h"

#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::server {
namespace {

class PublishAggregatorTest : public testing::Test {
 protected:
  std::optional<PublishResult> result_;
  int times_ = 0;
  PublishAggregator aggregator_{[this](const PublishResult& result) {
    result_ = result;
    ++times_;
  }};
};

TEST_F(PublishAggregatorTest, TheLastReportSaysThatAllIsReported) {
  aggregator_.expect(3);
  EXPECT_FALSE(aggregator_.report({.accepted = 1}));
  EXPECT_FALSE(aggregator_.report({.accepted = 1}));
  EXPECT_TRUE(aggregator_.report({.accepted = 1}));
}

TEST_F(PublishAggregatorTest, AddsUpWhatEachShardReports) {
  aggregator_.expect(2);
  aggregator_.report({.accepted = 3, .dropped = 1});
  aggregator_.report({.accepted = 4, .dropped = 2});
  aggregator_.complete();
  EXPECT_EQ(result_->accepted, 7u);
  EXPECT_EQ(result_->dropped, 3u);
  EXPECT_EQ(result_->backplane, Backplane::none);
}

TEST_F(PublishAggregatorTest, D11OnlyCompleteCallsOnResult) {
  aggregator_.expect(1);
  EXPECT_TRUE(aggregator_.report({}));
  EXPECT_EQ(times_, 0);
  aggregator_.complete();
  EXPECT_EQ(times_, 1);
}

TEST_F(PublishAggregatorTest, D10ACancelledOneNeverCallsOnResult) {
  aggregator_.expect(1);
  aggregator_.cancel();
  EXPECT_TRUE(aggregator_.report({.accepted = 1}));
  aggregator_.complete();
  EXPECT_EQ(times_, 0);
}

TEST_F(PublishAggregatorTest, ReportsFromManyThreadsAreAllCountedAndOneIsTheLast) {
  constexpr std::size_t kShards = 4;
  constexpr std::size_t kReports = 1'000;
  aggregator_.expect(kShards * kReports);
  std::atomic<int> last = 0;
  std::vector<std::jthread> threads;
  for (std::size_t shard = 0; shard < kShards; ++shard) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < kReports; ++i) {
        if (aggregator_.report({.accepted = 1, .dropped = 2})) ++last;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(last, 1);
  aggregator_.complete();
  EXPECT_EQ(result_->accepted, kShards * kReports);
  EXPECT_EQ(result_->dropped, 2 * kShards * kReports);
}

}  // namespace
}  // namespace wscast::server
