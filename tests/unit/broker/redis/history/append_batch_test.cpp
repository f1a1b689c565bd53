#include "broker/redis/history/append_batch.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Field;

HistoryAppend append(const std::string& envelope = "{}", const std::string& key = "") {
  return {.room = "a", .envelope = envelope, .key = key};
}

TEST(AppendBatchTest, KeepsTheMessagesOfARoomInOrder) {
  AppendBatch batch;
  EXPECT_TRUE(batch.empty());
  batch.add(append("1"), {});
  EXPECT_TRUE(batch.fits(append("2")));
  batch.add(append("2"), {});
  EXPECT_EQ(batch.room(), "a");
  EXPECT_THAT(batch.messages(), ElementsAre(Field(&AppendBatch::Message::envelope, "1"),
                                            Field(&AppendBatch::Message::envelope, "2")));
}

TEST(AppendBatchTest, AnotherRoomOtherLimitsOrAKeyDoNotFit) {
  AppendBatch batch;
  batch.add(append(), {});
  EXPECT_FALSE(batch.fits({.room = "b", .envelope = "{}"}));
  EXPECT_FALSE(batch.fits({.room = "a", .envelope = "{}", .limits = {.size = 7}}));
  EXPECT_FALSE(batch.fits({.room = "a", .envelope = "{}", .limits = {.ttl = 7s}}));
  EXPECT_FALSE(batch.fits(append("{}", "key")));
}

TEST(AppendBatchTest, AllHaveAKeyOrNone) {
  AppendBatch batch;
  batch.add(append("{}", "k"), {});
  EXPECT_FALSE(batch.fits(append()));
  EXPECT_TRUE(batch.fits(append("{}", "l")));
  batch.add(append("{}", "l"), {});
  EXPECT_THAT(batch.messages(), ElementsAre(Field(&AppendBatch::Message::key, "k"),
                                            Field(&AppendBatch::Message::key, "l")));
}

TEST(AppendBatchTest, IsBounded) {
  AppendBatch batch;
  while (batch.fits(append())) batch.add(append(), {});
  EXPECT_EQ(batch.messages().size(), 100u);
  AppendBatch large;
  EXPECT_TRUE(large.fits(append(std::string(1'000'000, 'x')))) << "alone it may be longer";
  large.add(append(std::string(60'000, 'x')), {});
  EXPECT_FALSE(large.fits(append(std::string(6'000, 'x'))));
}

}  // namespace
}  // namespace wscast::redis
