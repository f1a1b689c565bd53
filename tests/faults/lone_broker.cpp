#include "faults/lone_broker.h"

#include <charconv>
#include <exception>
#include <utility>

#include <gtest/gtest.h>

#include "wscast/redis.h"

#include "support/allocation_faults.h"

namespace wscast::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kAttempts = 10;
constexpr milliseconds kAttemptPatience{1'000};

/// What others publish here is `other NUMBER`.
constexpr std::string_view kOther = "other ";

RedisOptions options_for(const test::RedisProcess& redis) {
  return {.url = redis.url(),
          .startup_wait = std::chrono::seconds(5),
          .answer_timeout = milliseconds(1'000),
          .probe_interval = milliseconds(50),
          .probe_timeout = milliseconds(200),
          .min_reconnect_delay = milliseconds(1),
          .max_reconnect_delay = milliseconds(2)};
}

}  // namespace

LoneBroker::LoneBroker(const test::RedisProcess& redis, std::function<void(bool)> watch)
    : redis_(redis), watch_(std::move(watch)), broker_(redis_broker(options_for(redis))) {}

LoneBroker::~LoneBroker() {
  if (!started_) return;
  bool stopped = false;
  broker_->stop([&stopped] { stopped = true; });
  EXPECT_TRUE(run_until([&stopped] { return stopped; })) << "it does not stop";
  if (!stopped) broker_->abandon();
  EXPECT_EQ(outcomes_, published_);
  EXPECT_EQ(confirmed_, asked_);
}

bool LoneBroker::start() {
  // Not watched: a server does not start without memory.
  broker_->start(*this, [this](const auto& failure) { ready_ = !failure; });
  started_ = true;
  EXPECT_TRUE(run_until([this] { return ready_.has_value(); })) << "neither ready nor refused";
  return ready_.value_or(false);
}

void LoneBroker::exchange() {
  publish();
  subscribe("ws:room:a room with a rather long name");
  publish();
  await_outcomes();
  expect_message_or_word("ws:room:a room with a rather long name");
  lose_connections();
  publish();
  subscribe("ws:room:another one");
  await_outcomes();
  expect_message_or_word("ws:room:another one");
}

void LoneBroker::expect_well() {
  await_outcomes();
  const std::uint64_t before = count(Counter::publishes_ok);
  // On a busy machine a probe may be late, and the broker reconnects.
  for (int i = 0; i < kAttempts && count(Counter::publishes_ok) == before; ++i) {
    EXPECT_TRUE(run_until([this] { return broker_->fault().empty(); })) << broker_->fault();
    publish();
    await_outcomes();
  }
  EXPECT_GT(count(Counter::publishes_ok), before);
  EXPECT_EQ(count(Counter::publishes_ok) + count(Counter::publishes_down) +
                count(Counter::publishes_unknown),
            published_);
  subscribe("ws:room:a last one");
  await_outcomes();
  for (const auto* channel : {"ws:room:a room with a rather long name", "ws:room:a last one"}) {
    EXPECT_TRUE(receives(channel)) << channel;
  }
}

bool LoneBroker::receives(const std::string& channel) {
  for (int i = 0; i < kAttempts; ++i) {
    ++sent_;
    redis_.call({"PUBLISH", channel, std::string(kOther) + std::to_string(sent_)});
    if (run_until([this] { return received_ == sent_; }, kAttemptPatience)) return true;
  }
  return false;
}

std::uint64_t LoneBroker::count(Counter counter) const {
  Stats stats;
  counters_.add_to(stats);
  return stats[counter];
}

void LoneBroker::on_envelope(std::string_view envelope) {
  if (!envelope.starts_with(kOther)) return;
  envelope.remove_prefix(kOther.size());
  std::from_chars(envelope.data(), envelope.data() + envelope.size(), received_);
}

void LoneBroker::on_gap(milliseconds /*away*/) {
  ++words_;
}

void LoneBroker::on_loss(const std::vector<std::string>& /*channels*/) {
  ++words_;
}

/// Runs something of the broker's as a shard does.
void LoneBroker::guarded(const std::function<void()>& act) {
  watch_(true);
  try {
    act();
  } catch (const std::exception&) {
    ++failed_tasks_;
  }
  watch_(false);
}

bool LoneBroker::run_until(const std::function<bool()>& holds, milliseconds patience) {
  const auto give_up = steady_clock::now() + patience;
  while (!holds() && steady_clock::now() < give_up) {
    loop_.restart();
    guarded([&] { loop_.run_one_until(give_up); });
  }
  return holds();
}

/// A call that throws has done nothing.
void LoneBroker::publish() {
  std::string channel = "ws:room:a room of nobody here";
  std::string envelope = "an envelope of a message, more than a few bytes";
  Broker::Done done = [this](Backplane) { ++outcomes_; };
  guarded([&] {
    broker_->publish(std::move(channel), std::move(envelope), std::move(done));
    ++published_;
  });
}

/// A call that throws is repeated: its client would end.
void LoneBroker::subscribe(const std::string& channel) {
  bool accepted = false;
  while (!accepted) {
    std::vector<std::string> channels{channel};
    Broker::Subscribed done = [this](const auto&) { ++confirmed_; };
    guarded([&] {
      broker_->subscribe(std::move(channels), std::move(done));
      accepted = true;
    });
  }
  ++asked_;
}

void LoneBroker::expect_message_or_word(const std::string& channel) {
  const std::uint64_t words_before = words_;
  ++sent_;
  redis_.call({"PUBLISH", channel, std::string(kOther) + std::to_string(sent_)});
  EXPECT_TRUE(run_until([&] { return received_ == sent_ || words_ > words_before; }))
      << "a hole, and no word";
}

void LoneBroker::await_outcomes() {
  EXPECT_TRUE(run_until([this] { return outcomes_ == published_ && confirmed_ == asked_; }))
      << outcomes_ << " outcomes of " << published_ << ", " << confirmed_ << " confirmations of "
      << asked_;
}

void LoneBroker::lose_connections() {
  const std::uint64_t words_before = words_;
  redis_.call({"CLIENT", "KILL", "TYPE", "pubsub"});
  redis_.call({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_TRUE(run_until([&] { return words_ > words_before && broker_->fault().empty(); }))
      << "it does not come back: " << broker_->fault();
}

}  // namespace wscast::faults
