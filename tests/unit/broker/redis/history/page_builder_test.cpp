#include "broker/redis/history/page_builder.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ReadReply part(std::uint64_t last, std::uint64_t through, const std::vector<std::uint64_t>& offsets,
               const std::string& epoch = "e") {
  ReadReply part{{last, epoch}, through};
  for (const auto offset : offsets) part.entries.push_back({offset, "{}"});
  return part;
}

std::vector<std::uint64_t> offsets(const HistoryPage& page) {
  std::vector<std::uint64_t> offsets;
  for (const auto& entry : page.entries) offsets.push_back(entry.offset);
  return offsets;
}

constexpr std::size_t kMany = 1'000'000;

TEST(PageBuilderTest, OnePartMayBeAll) {
  PageBuilder builder(3, kMany);
  EXPECT_EQ(builder.after(), 3u);
  EXPECT_EQ(builder.up_to(), std::nullopt);
  EXPECT_TRUE(builder.add(part(5, 5, {4, 5})));
  const auto page = builder.take();
  EXPECT_TRUE(page.available);
  EXPECT_EQ(page.epoch, "e");
  EXPECT_EQ(page.last, 5u);
  EXPECT_THAT(offsets(page), ElementsAre(4, 5));
}

TEST(PageBuilderTest, ReadsOnUpToTheNewestOfTheBeginning) {
  PageBuilder builder(0, kMany);
  EXPECT_FALSE(builder.add(part(4, 2, {1, 2})));
  EXPECT_EQ(builder.after(), 2u);
  EXPECT_EQ(builder.up_to(), 4u);
  EXPECT_TRUE(builder.add(part(9, 4, {3, 4})));
  const auto page = builder.take();
  EXPECT_EQ(page.last, 4u);
  EXPECT_THAT(offsets(page), ElementsAre(1, 2, 3, 4));
}

TEST(PageBuilderTest, EndsBeforeTheNewestWhenItHasEnoughBytes) {
  PageBuilder builder(0, 4);
  EXPECT_TRUE(builder.add(part(9, 2, {1, 2})));
  const auto page = builder.take();
  EXPECT_EQ(page.last, 9u);
  EXPECT_THAT(offsets(page), ElementsAre(1, 2));
}

TEST(PageBuilderTest, NothingBehindTheNewest) {
  PageBuilder builder(7, kMany);
  EXPECT_TRUE(builder.add(part(5, 7, {})));
  const auto page = builder.take();
  EXPECT_EQ(page.last, 5u);
  EXPECT_THAT(page.entries, IsEmpty());
}

TEST(PageBuilderTest, WhatWasTrimmedMeanwhileTakesWhatLiesBeforeIt) {
  PageBuilder builder(0, kMany);
  EXPECT_FALSE(builder.add(part(6, 2, {1, 2})));
  EXPECT_TRUE(builder.add(part(6, 6, {5, 6})));
  EXPECT_THAT(offsets(builder.take()), ElementsAre(5, 6));
}

TEST(PageBuilderTest, AHoleAtTheEndLeavesNothing) {
  PageBuilder builder(0, kMany);
  EXPECT_FALSE(builder.add(part(6, 2, {1, 2})));
  EXPECT_TRUE(builder.add(part(6, 6, {})));
  EXPECT_THAT(offsets(builder.take()), IsEmpty());
}

TEST(PageBuilderTest, AnotherEpochBeginsThePageAnew) {
  PageBuilder builder(1, kMany);
  EXPECT_FALSE(builder.add(part(6, 3, {2, 3})));
  EXPECT_FALSE(builder.add(part(4, 4, {4}, "next")));
  EXPECT_EQ(builder.after(), 1u);
  EXPECT_EQ(builder.up_to(), std::nullopt);
  EXPECT_TRUE(builder.add(part(4, 4, {2, 3, 4}, "next")));
  const auto page = builder.take();
  EXPECT_EQ(page.epoch, "next");
  EXPECT_THAT(offsets(page), ElementsAre(2, 3, 4));
}

TEST(PageBuilderTest, APartThatLeadsNowhereIsTheLast) {
  PageBuilder builder(1, kMany);
  EXPECT_TRUE(builder.add(part(6, 1, {})));
  EXPECT_THAT(offsets(builder.take()), IsEmpty());
}

}  // namespace
}  // namespace wscast::redis
