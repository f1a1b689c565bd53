#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/named_log.h"
#include "broker/broker.h"
#include "server/backplane_port.h"
#include "server/channel_interest.h"
#include "server/shard_router.h"
#include "support/session_fakes.h"

namespace wscast::server {

/// A shard's thread that runs nothing until the test says so.
class FakeExecutor final : public ShardExecutor {
 public:
  explicit FakeExecutor(const session::FakeClock& clock) : clock_(clock) {}

  void post(std::function<void()> task) override {
    if (out_of_memory) throw std::bad_alloc();
    tasks_.push_back(std::move(task));
  }
  void after(std::chrono::milliseconds delay, std::function<void()> task) override {
    timers_.emplace(clock_.now() + delay, std::move(task));
  }
  void every(std::chrono::milliseconds period, std::function<bool()> task) override {
    after(period, [this, period, task = std::move(task)] {
      if (task()) every(period, task);
    });
  }
  void request_iteration() noexcept override { ++iterations_requested; }
  SteadyTime now() const override { return clock_.now(); }
  const Clock& clock() const override { return clock_; }
  Counters& counters() override { return counters_; }

  /// Runs what was posted before the call. Returns how much that was.
  std::size_t run_posted() {
    auto tasks = std::exchange(tasks_, {});
    for (const auto& task : tasks) task();
    return tasks.size();
  }

  /// Runs the timers that are due.
  void run_timers() {
    while (!timers_.empty() && timers_.begin()->first <= clock_.now()) {
      const auto task = timers_.extract(timers_.begin()).mapped();
      task();
    }
  }

  std::size_t posted() const { return tasks_.size(); }
  std::size_t timers() const { return timers_.size(); }
  std::uint64_t count(Counter counter) const {
    Stats stats;
    counters_.add_to(stats);
    return stats[counter];
  }

  int iterations_requested = 0;
  bool out_of_memory = false;  ///< post() fails.

 private:
  const session::FakeClock& clock_;
  Counters counters_;
  std::deque<std::function<void()>> tasks_;
  std::multimap<SteadyTime, std::function<void()>> timers_;
};

/// The JSON text of a frame; of several messages, with " + " between them.
inline std::string payload_of(const ws::FrameRef& frame) {
  if (frame.messages() == 1) {
    const auto payload = frame.bytes().last(frame.payload_size());
    return {payload.begin(), payload.end()};
  }
  std::string all;
  for (const ws::FrameRef& part : frame.parts()) {
    all += (all.empty() ? "" : " + ") + payload_of(part);
  }
  return all;
}

/// A command in words.
inline std::string to_text(const ShardCommand& command) {
  struct {
    std::string operator()(const FanOut& fan_out) const {
      constexpr std::array kinds = {"client", "user", "room", "everybody", "topic"};
      std::string text = kinds[static_cast<std::size_t>(fan_out.to)];
      const std::string target = fan_out.client ? fan_out.client->text() : fan_out.target;
      if (!target.empty()) text += " " + target;
      if (fan_out.exclude) text += " without " + std::to_string(fan_out.exclude->size());
      return text + ": " + payload_of(ws::FrameRef::of(fan_out.frame));
    }
    std::string operator()(const MembershipChange& change) const {
      return (change.in ? "join " : "leave ") + change.room;
    }
    std::string operator()(const EncryptionChange&) const { return "encrypt"; }
    std::string operator()(const HoleNotice&) const { return "hole"; }
    std::string operator()(const GapNotice&) const { return "gap"; }
    std::string operator()(const LossNotice& loss) const {
      std::string line = "loss";
      for (const auto& target : loss.targets) line += " " + target.name;
      return line;
    }
    std::string operator()(const Disconnect& disconnect) const {
      return "disconnect " + (disconnect.client ? "client" : "user " + disconnect.user) + " " +
             std::to_string(disconnect.code) + " " + disconnect.reason;
    }
    std::string operator()(const Revocation& revocation) const {
      return "revoke " + revocation.user;
    }
    std::string operator()(const PublishCompleted&) const { return "completed"; }
    std::string operator()(const RemotePublish& publish) const {
      return "publish " + publish.channel + ": " + publish.envelope;
    }
    std::string operator()(const InterestChange& change) const {
      return "interest" + list(" +", change.interest.subscribe) +
             list(" -", change.interest.unsubscribe);
    }
    std::string operator()(const SubscribeRequest& request) const {
      return "subscribe for " + std::to_string(request.shard) + list(" ", request.channels);
    }
    std::string operator()(const RoomCheck& check) const { return "check " + check.room; }
    std::string operator()(const HistoryGapNotice& notice) const { return "lost " + notice.room; }
    std::string operator()(const HistoryAnswered&) const { return "history answer"; }
    std::string operator()(const HistoryAsk&) const { return "history ask"; }
    std::string operator()(const HistoryFollow& follow) const { return "follow " + follow.room; }
    std::string operator()(const SubscribeConfirmed& confirmed) const {
      return "confirmed" + list(" ", confirmed.channels) + list(" refused ", confirmed.refused);
    }
    static std::string list(const std::string& before, const std::vector<std::string>& names) {
      std::string text;
      for (const auto& name : names) text += before + name;
      return text;
    }
  } words;
  return std::visit(words, command);
}

/// Keeps what it is to execute, and reports every message to its aggregator as accepted once.
class FakeReceiver final : public ShardReceiver {
 public:
  void execute(const ShardCommand& command) noexcept override {
    executed.push_back(to_text(command));
    if (const auto* completed = std::get_if<PublishCompleted>(&command)) {
      completed->aggregator->complete();
    }
    const auto* fan_out = std::get_if<FanOut>(&command);
    if (fan_out != nullptr) taken.push_back(fan_out->origin.taken);
    if (fan_out != nullptr && fan_out->aggregator && fan_out->aggregator->report({.accepted = 1})) {
      fan_out->aggregator->complete();
    }
    const auto* publish = std::get_if<RemotePublish>(&command);
    if (publish != nullptr && publish->aggregator && publish->aggregator->report(Backplane::ok)) {
      publish->aggregator->complete();
    }
  }
  int send_to_client(const ClientId&, const ws::FrameRef& frame) noexcept override {
    executed.push_back("exactly: " + payload_of(frame));
    return send_result;
  }
  void on_overload() noexcept override { ++overloads; }

  std::vector<std::string> take() { return std::exchange(executed, {}); }

  std::vector<std::string> executed;
  std::vector<SteadyTime> taken;  ///< Of each FanOut.
  int send_result = 1;
  int overloads = 0;
};

/// So many shards, and the router between them. The test says whose thread it is on.
class FakeShards {
 public:
  explicit FakeShards(std::size_t count, std::size_t max_bytes_per_shard = 1 << 20)
      : router(max_bytes_per_shard, [this] { return current_; }) {
    for (std::size_t i = 0; i < count; ++i) {
      executors.push_back(std::make_unique<FakeExecutor>(clock));
      receivers.push_back(std::make_unique<FakeReceiver>());
    }
    connect();
  }

  /// Runs `body` as the thread of `shard` would, and ends its iteration.
  template <class Body>
  void on(std::size_t shard, Body body) {
    const auto before = std::exchange(current_, shard);
    body();
    router.flush(shard);
    current_ = before;
  }

  /// Runs what was posted and the timers that are due, until nothing is left.
  void run() {
    bool again = true;
    while (std::exchange(again, false)) {
      for (std::size_t i = 0; i < executors.size(); ++i) {
        on(i, [&] {
          if (executors[i]->run_posted() > 0) again = true;
          executors[i]->run_timers();
        });
      }
    }
  }

  /// What `shard` has executed since the last call, when everything is delivered.
  std::vector<std::string> executed(std::size_t shard) {
    run();
    return receivers[shard]->take();
  }

  /// The same for each shard.
  std::vector<std::vector<std::string>> executed() {
    run();
    std::vector<std::vector<std::string>> all;
    for (const auto& receiver : receivers) all.push_back(receiver->take());
    return all;
  }

  std::uint64_t refused() const {
    Stats stats;
    router.add_to(stats);
    return stats[Counter::dropped_overloaded];
  }

  session::FakeClock clock;
  ShardRouter router;
  std::vector<std::unique_ptr<FakeExecutor>> executors;
  std::vector<std::unique_ptr<FakeReceiver>> receivers;

 private:
  void connect() {
    std::vector<ShardPort> ports;
    for (std::size_t i = 0; i < executors.size(); ++i) {
      ports.push_back({executors[i].get(), receivers[i].get()});
    }
    router.connect(ports);
  }

  std::optional<std::size_t> current_;
};

/// Keeps what it is to do; confirms and reports when the test says so.
class FakeBroker final : public Broker {
 public:
  bool reaches_others() const override { return others; }
  bool subscribes_exactly() const override { return exact; }
  std::size_t max_publish_bytes() const override { return max_bytes; }
  void start(BrokerHost& given, Ready) override { host = &given; }
  void publish(std::string channel, std::string envelope, Done done) override {
    asked.push_back("publish " + channel + ": " + envelope);
    if (done) reports.push_back(std::move(done));
  }
  void subscribe(std::vector<std::string> channels, Subscribed done) override {
    for (const auto& channel : channels) asked.push_back("subscribe " + channel);
    if (done) confirmations.push_back(std::move(done));
  }
  void unsubscribe(std::vector<std::string> channels) override {
    for (const auto& channel : channels) asked.push_back("unsubscribe " + channel);
  }
  void store(StoreRequest request, Stored done) override {
    asked.push_back("store " + request.key + ": " + request.value);
    stores.push_back(std::move(done));
  }
  std::string fault() const override { return why; }
  void stop(std::function<void()> done) override { done(); }
  void abandon() override { asked.emplace_back("abandon"); }

  std::vector<std::string> take() { return std::exchange(asked, {}); }

  bool others = true;
  bool exact = true;
  std::size_t max_bytes = 1 << 20;
  std::string why;  ///< fault()
  BrokerHost* host = nullptr;
  std::vector<std::string> asked;
  std::vector<Done> reports;
  std::vector<Subscribed> confirmations;
  std::vector<Stored> stores;
};

/// The port of a server whose id is `me` to a fake broker, and its interest in channels.
struct FakeBackplane {
  explicit FakeBackplane(FakeShards& shards) : interest(port, shards.router, default_rooms) {}

  FakeBroker broker;
  const std::string server_id = "me";
  const NamedLog log{"test"};
  BackplanePort port{broker, server_id, log, {}, [] {}, [] {}, [](const auto&) {}};
  const std::vector<std::string> default_rooms = {"lobby"};
  ChannelInterest interest;
};

}  // namespace wscast::server
