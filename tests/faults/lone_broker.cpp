#include "faults/lone_broker.h"

#include <charconv>
#include <exception>
#include <utility>

#include <gtest/gtest.h>

#include "wscast/redis.h"

namespace wscast::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kAttempts = 10;
constexpr milliseconds kAttemptPatience{1'000};
constexpr milliseconds kRetryPause{20};

/// What others publish here is `other NUMBER`.
constexpr std::string_view kOther = "other ";

/// It has a history, too.
const std::string kRoom = "a room with a rather long name";

}  // namespace

LoneBroker::LoneBroker(const Backend& backend, std::function<void(bool)> watch)
    : backend_(backend),
      watch_(std::move(watch)),
      broker_(redis_broker(backend.quick_options())),
      ledger_(kRoom, [this](const std::function<void()>& call) { guarded(call); }) {
  call_all({"FLUSHALL"});
}

LoneBroker::~LoneBroker() {
  if (!started_) return;
  bool stopped = false;
  broker_->stop([&stopped] { stopped = true; });
  EXPECT_TRUE(run_until([&stopped] { return stopped; })) << "it does not stop";
  if (!stopped) broker_->abandon();
  EXPECT_EQ(outcomes_, published_);
  EXPECT_EQ(confirmed_, asked_);
  ledger_.expect_answered_once();
}

bool LoneBroker::start() {
  // Not watched: a server does not start without memory.
  broker_->start(*this, [this](const auto& failure) {
    ready_ = !failure;
    if (failure) refusal_ = *failure;
  });
  started_ = true;
  EXPECT_TRUE(run_until([this] { return ready_.has_value(); })) << "neither ready nor refused";
  return ready_.value_or(false);
}

void LoneBroker::exchange() {
  publish();
  subscribe("ws:room:" + kRoom);
  use_history();
  publish();
  await_outcomes();
  expect_message_or_word("ws:room:" + kRoom);
  call_all({"SCRIPT", "FLUSH"});
  use_history();
  await_outcomes();
  lose_connections();
  publish();
  subscribe("ws:room:another one");
  use_history();
  await_outcomes();
  expect_message_or_word("ws:room:another one");
}

/// Messages that share a call, those that do not, and what is read between them.
void LoneBroker::use_history() {
  History& history = *broker_->history();
  ledger_.append(history);
  ledger_.append(history);
  ledger_.append(history, "a key");
  ledger_.read(history);
  ledger_.append(history, "a key");
  ledger_.read_positions(history);
  ledger_.append(history);
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
            published_ + ledger_.appended());
  subscribe("ws:room:a last one");
  await_outcomes();
  for (const auto& channel : {"ws:room:" + kRoom, std::string("ws:room:a last one")}) {
    EXPECT_TRUE(receives(channel)) << channel;
  }
  expect_history();
}

/// The room takes messages and gives them.
void LoneBroker::expect_history() {
  History& history = *broker_->history();
  ledger_.append(history);
  const auto give_up = steady_clock::now() + kPatience;
  while (steady_clock::now() < give_up) {
    ledger_.read(history);
    await_outcomes();
    if (ledger_.page()) return ledger_.expect_true(*ledger_.page());
    // No fault is told of the connection to one master of a Cluster.
    run_until([] { return false; }, kRetryPause);
  }
  ADD_FAILURE() << "the history cannot be read";
}

bool LoneBroker::receives(const std::string& channel) {
  for (int i = 0; i < kAttempts; ++i) {
    publish_as_other(channel);
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
  publish_as_other(channel);
  EXPECT_TRUE(run_until([&] { return received_ == sent_ || words_ > words_before; }))
      << "a hole, and no word";
}

void LoneBroker::publish_as_other(const std::string& channel) {
  ++sent_;
  backend_.nodes.front()->call({"PUBLISH", channel, std::string(kOther) + std::to_string(sent_)});
}

void LoneBroker::await_outcomes() {
  EXPECT_TRUE(run_until([this] {
    return outcomes_ == published_ && confirmed_ == asked_ && ledger_.settled();
  })) << outcomes_
      << " outcomes of " << published_ << ", " << confirmed_ << " confirmations of " << asked_
      << "; of a history are owed " << ledger_.owed();
}

void LoneBroker::lose_connections() {
  const std::uint64_t words_before = words_;
  backend_.kill_clients();
  EXPECT_TRUE(run_until([&] { return words_ > words_before && broker_->fault().empty(); }))
      << "it does not come back: " << broker_->fault();
}

void LoneBroker::call_all(const std::vector<std::string_view>& words) const {
  for (const auto* node : backend_.nodes) node->call(words);
}

}  // namespace wscast::faults
