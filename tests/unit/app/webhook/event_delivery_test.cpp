#include "webhook/event_delivery.h"

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using Result = EventDelivery::Result;
using std::chrono::milliseconds;
using std::chrono::seconds;

WebhookOptions small() {
  WebhookOptions options;
  options.max_batch_events = 3;
  options.max_batch_bytes = 1'024;
  options.max_delay = milliseconds(100);
  options.max_queue_events = 10;
  options.first_retry = milliseconds(1'000);
  options.longest_retry = milliseconds(8'000);
  options.max_age = seconds(60);
  return options;
}

class EventDeliveryTest : public testing::Test {
 protected:
  void push(std::initializer_list<const char*> events) {
    for (const char* event : events) delivery_.push(event, now_);
  }

  /// The body of the batch that is due; empty if none is.
  std::string start() {
    const EventBatch* batch = delivery_.start(now_);
    if (batch == nullptr) return "";
    id_ = batch->id;
    return batch->body;
  }

  void finish(Result result, std::optional<seconds> retry_after = {}) {
    delivery_.finish(result, retry_after, now_);
  }

  /// How long until something is due.
  milliseconds wait() {
    return std::chrono::duration_cast<milliseconds>(delivery_.due().value() - now_);
  }

  int ids_ = 0;
  double random_ = 1;
  std::string id_;
  EventDelivery::Time now_{std::chrono::hours(1'000)};
  EventDelivery delivery_{small(), [this] { return "msg_" + std::to_string(++ids_); },
                          [this] { return random_; }};
};

TEST_F(EventDeliveryTest, NothingIsDueWithoutEvents) {
  EXPECT_FALSE(delivery_.due());
  EXPECT_EQ(start(), "");
}

TEST_F(EventDeliveryTest, MeasuresRequestsThatWereNotAbandoned) {
  push({"1", "2", "3"});
  for (const Result result : {Result::abandoned, Result::accepted}) {
    ASSERT_NE(start(), "");
    now_ += milliseconds(20);
    finish(result);
  }
  EXPECT_EQ(delivery_.requests_ns().count(), 1u);
  EXPECT_EQ(delivery_.requests_ns().sum, 20'000'000u);
}

TEST_F(EventDeliveryTest, AnEventWaitsForOthersForAShortTime) {
  push({"1"});
  EXPECT_EQ(wait(), milliseconds(100));
  now_ += milliseconds(60);
  push({"2"});
  EXPECT_EQ(wait(), milliseconds(40));
  EXPECT_EQ(start(), "");
  now_ += milliseconds(40);
  EXPECT_EQ(start(), R"({"events":[1,2]})");
}

TEST_F(EventDeliveryTest, AFullBatchDoesNotWait) {
  push({"1", "2"});
  EXPECT_EQ(start(), "");
  push({"3", "4"});
  EXPECT_EQ(start(), R"({"events":[1,2,3]})");
  finish(Result::accepted);
  EXPECT_EQ(wait(), milliseconds(100));
}

TEST_F(EventDeliveryTest, ABatchThatIsFullByBytesDoesNotWait) {
  push({"1"});
  EXPECT_EQ(start(), "");
  const std::string long_event = '"' + std::string(1'100, 'x') + '"';
  push({long_event.c_str()});
  EXPECT_EQ(start(), R"({"events":[1]})");
  finish(Result::accepted);
  EXPECT_EQ(start(), R"({"events":[)" + long_event + "]}");
}

TEST_F(EventDeliveryTest, OneBatchAtATime) {
  push({"1", "2", "3", "4", "5", "6"});
  EXPECT_EQ(start(), R"({"events":[1,2,3]})");
  EXPECT_FALSE(delivery_.due());
  EXPECT_EQ(start(), "");
  finish(Result::accepted);
  EXPECT_EQ(start(), R"({"events":[4,5,6]})");
}

TEST_F(EventDeliveryTest, AFailedBatchIsRepeatedAsItWasBeforeAnyOther) {
  push({"1", "2", "3"});
  const std::string body = start();
  const std::string id = id_;
  finish(Result::failed);
  push({"4", "5", "6"});
  EXPECT_EQ(wait(), milliseconds(1'000));
  now_ += milliseconds(999);
  EXPECT_EQ(start(), "");
  now_ += milliseconds(1);
  EXPECT_EQ(start(), body);
  EXPECT_EQ(id_, id);
  finish(Result::accepted);
  EXPECT_EQ(start(), R"({"events":[4,5,6]})");
  EXPECT_NE(id_, id);
}

TEST_F(EventDeliveryTest, WaitsLongerAfterEachFailureAndTheLongestAtMost) {
  push({"1", "2", "3"});
  for (const int expected : {1'000, 2'000, 4'000, 8'000, 8'000}) {
    ASSERT_NE(start(), "");
    finish(Result::failed);
    EXPECT_EQ(wait(), milliseconds(expected));
    now_ += milliseconds(expected);
  }
}

TEST_F(EventDeliveryTest, ASuccessStartsTheBackOffAgain) {
  push({"1", "2", "3", "4", "5", "6"});
  start();
  finish(Result::failed);
  now_ += milliseconds(1'000);
  start();
  finish(Result::accepted);
  start();
  finish(Result::failed);
  EXPECT_EQ(wait(), milliseconds(1'000));
}

TEST_F(EventDeliveryTest, JitterShortensTheWait) {
  random_ = 0;
  push({"1", "2", "3"});
  start();
  finish(Result::failed);
  EXPECT_EQ(wait(), milliseconds(500));
}

TEST_F(EventDeliveryTest, WaitsAsLongAsTheReceiverAsksButNotLongerThanTheLongest) {
  push({"1", "2", "3"});
  for (const auto& [asked, waits] :
       {std::pair(5, 5'000), std::pair(2'000'000'000, 8'000), std::pair(1, 4'000)}) {
    ASSERT_NE(start(), "");
    finish(Result::failed, seconds(asked));
    EXPECT_EQ(wait(), milliseconds(waits)) << asked;
    now_ += milliseconds(waits);
  }
}

TEST_F(EventDeliveryTest, TheOldestAreLostOverTheBoundAndTheNextBatchSaysHowMany) {
  push({"1", "2", "3"});
  const std::string body = start();
  finish(Result::failed);
  for (int i = 0; i < 12; ++i) delivery_.push(std::to_string(100 + i), now_);
  EXPECT_EQ(delivery_.counts().lost_full, 2U);
  now_ += milliseconds(1'000);
  EXPECT_EQ(start(), body);
  finish(Result::accepted);
  EXPECT_EQ(start(), R"({"events":[102,103,104],"lost":2})");
  finish(Result::accepted);
  EXPECT_EQ(start(), R"({"events":[105,106,107]})");
}

TEST_F(EventDeliveryTest, ABatchIsLostWhenItsNewestEventIsTooOld) {
  push({"1"});
  now_ += milliseconds(100);
  push({"2"});
  start();
  finish(Result::failed);
  now_ += seconds(60);
  EXPECT_EQ(start(), R"({"events":[1,2]})");
  finish(Result::failed);
  now_ += milliseconds(1);
  push({"3"});
  now_ += seconds(10);
  EXPECT_EQ(start(), R"({"events":[3],"lost":2})");
  EXPECT_EQ(delivery_.counts().lost_old, 2U);
}

TEST_F(EventDeliveryTest, ABatchUnderWayIsNotLost) {
  push({"1", "2", "3"});
  start();
  now_ += seconds(100);
  EXPECT_EQ(start(), "");
  finish(Result::accepted);
  EXPECT_EQ(delivery_.counts().delivered, 3U);
  EXPECT_EQ(delivery_.counts().lost(), 0U);
}

TEST_F(EventDeliveryTest, EventsThatWaitAreLostOneByOneWhenTheyAreTooOld) {
  push({"1", "2", "3"});
  start();
  finish(Result::failed);
  push({"4"});
  now_ += seconds(30);
  push({"5"});
  now_ += seconds(31);
  EXPECT_EQ(start(), R"({"events":[5],"lost":4})");
}

TEST_F(EventDeliveryTest, ALossThatWasNotToldYetIsToldByALaterBatch) {
  for (int i = 0; i < 11; ++i) delivery_.push(std::to_string(10 + i), now_);
  EXPECT_EQ(start(), R"({"events":[11,12,13],"lost":1})");
  finish(Result::failed);
  now_ += seconds(61);
  push({"1", "2", "3"});
  EXPECT_EQ(start(), R"({"events":[1,2,3],"lost":11})");
}

TEST_F(EventDeliveryTest, GoneSwitchesItOffAndDropsEverything) {
  push({"1", "2", "3", "4"});
  start();
  finish(Result::gone);
  EXPECT_TRUE(delivery_.is_off());
  EXPECT_EQ(delivery_.pending(), 0U);
  push({"5"});
  now_ += seconds(10);
  EXPECT_EQ(start(), "");
  EXPECT_FALSE(delivery_.due());
  EXPECT_EQ(delivery_.counts().lost_gone, 5U);
}

TEST_F(EventDeliveryTest, OtherOptionsSwitchItOnAgain) {
  push({"1", "2", "3"});
  start();
  finish(Result::gone);
  delivery_.set_options(small());
  push({"4", "5", "6"});
  EXPECT_EQ(start(), R"({"events":[4,5,6],"lost":3})");
}

TEST_F(EventDeliveryTest, OtherOptionsMakeTheNextAttemptDue) {
  push({"1", "2", "3"});
  const std::string body = start();
  finish(Result::failed);
  delivery_.set_options(small());
  EXPECT_EQ(start(), body);
}

TEST_F(EventDeliveryTest, WhenItDrainsNothingWaits) {
  push({"1"});
  EXPECT_EQ(start(), "");
  delivery_.drain();
  EXPECT_EQ(start(), R"({"events":[1]})");
  finish(Result::accepted);
  EXPECT_EQ(delivery_.pending(), 0U);
}

TEST_F(EventDeliveryTest, WhenItDrainsABatchThatWaitsForItsRetryIsTriedAtOnce) {
  push({"1", "2", "3"});
  for (int i = 0; i < 3; ++i) {
    start();
    finish(Result::failed);
    now_ = delivery_.due().value();
  }
  start();
  finish(Result::failed);
  EXPECT_EQ(start(), "");
  delivery_.drain();
  EXPECT_EQ(start(), R"({"events":[1,2,3]})");
  finish(Result::failed);
  EXPECT_EQ(wait(), milliseconds(1'000));
}

TEST_F(EventDeliveryTest, AnAbandonedAttemptIsRepeatedAtOnceAndNoFailure) {
  push({"1", "2", "3"});
  const std::string body = start();
  finish(Result::abandoned);
  EXPECT_EQ(start(), body);
  EXPECT_EQ(delivery_.counts().failures, 0U);
}

TEST_F(EventDeliveryTest, CountsWhatItDelivered) {
  push({"1", "2", "3", "4"});
  EXPECT_EQ(delivery_.pending(), 4U);
  start();
  EXPECT_EQ(delivery_.pending(), 4U);
  finish(Result::failed);
  now_ += seconds(1);
  start();
  finish(Result::accepted);
  EXPECT_EQ(delivery_.pending(), 1U);
  EXPECT_EQ(delivery_.counts().delivered, 3U);
  EXPECT_EQ(delivery_.counts().failures, 1U);
  EXPECT_EQ(delivery_.counts().lost(), 0U);
}

}  // namespace
}  // namespace wscast::program
