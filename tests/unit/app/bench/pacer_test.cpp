#include "bench/pacer.h"

#include <gtest/gtest.h>

#include "bench/recorder.h"

namespace wscast::program {
namespace {

using namespace std::chrono_literals;
using Clock = Pacer::Clock;

constexpr Clock::time_point kBegin{std::chrono::hours(1)};

TEST(PacerTest, TheFirstIsDueAtOnceAndTheOthersEvenly) {
  Pacer pacer(4, kBegin);
  for (int i = 0; i < 9; ++i, pacer.advance()) EXPECT_EQ(pacer.due(), kBegin + i * 250ms);
}

TEST(PacerTest, ARateThatDoesNotDivideASecondDoesNotDrift) {
  Pacer pacer(3, kBegin);
  for (int i = 0; i < 3'000'000; ++i) pacer.advance();
  EXPECT_EQ(pacer.due(), kBegin + 1'000'000s);
  pacer.advance();
  EXPECT_EQ(pacer.due(), kBegin + 1'000'000s + 333'333'333ns);
}

/// A server that stops for a second delays each of the messages that were due meanwhile: the
/// correction for coordinated omission.
TEST(PacerTest, APauseOfTheServerIsSeenByEachMessageThatWasDueInIt) {
  constexpr int kRate = 1'000;
  Pacer pacer(kRate, kBegin);
  Recorder recorder;
  recorder.start();
  const auto stopped = kBegin + 4s;
  const auto goes_on = kBegin + 5s;
  for (int i = 0; i < 10 * kRate; ++i, pacer.advance()) {
    const auto due = pacer.due();
    const auto arrives = due >= stopped && due < goes_on ? goes_on : due;
    recorder.received(due, arrives + 1ms);
  }
  const LatencyHistogram& latencies = recorder.latencies();
  EXPECT_EQ(latencies.count(), 10'000u);
  EXPECT_LT(latencies.at(0.5), 2ms);
  EXPECT_LT(latencies.at(0.89), 2ms);
  EXPECT_GT(latencies.at(0.95), 490ms);  // Half of the tenth that waited.
  EXPECT_LT(latencies.at(0.95), 510ms);
  EXPECT_EQ(latencies.max(), 1'001ms);
}

TEST(RecorderTest, CountsOnlyWhileItRuns) {
  Recorder recorder;
  recorder.received(kBegin, kBegin + 1ms);
  recorder.sent(kBegin, kBegin);
  recorder.lost(3);
  recorder.noticed();
  EXPECT_EQ(recorder.latencies().count(), 0u);
  EXPECT_EQ(recorder.sent_count() + recorder.lost_count() + recorder.notice_count(), 0u);
  recorder.start();
  recorder.received(kBegin, kBegin + 1ms);
  recorder.lost(3);
  recorder.stop();
  recorder.received(kBegin, kBegin + 1ms);
  EXPECT_EQ(recorder.latencies().count(), 1u);
  EXPECT_EQ(recorder.lost_count(), 3u);
}

TEST(RecorderTest, WhatIsSentOver10MillisecondsLateIsCounted) {
  Recorder recorder;
  recorder.start();
  recorder.sent(kBegin, kBegin);
  recorder.sent(kBegin, kBegin + 10ms);
  recorder.sent(kBegin, kBegin + 11ms);
  EXPECT_EQ(recorder.sent_count(), 3u);
  EXPECT_EQ(recorder.late_count(), 1u);
}

}  // namespace
}  // namespace wscast::program
