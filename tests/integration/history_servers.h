#pragma once

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "wscast/redis.h"

#include "integration/history_member.h"
#include "integration/server_fixture.h"

namespace wscast {

inline const std::string kOrders = "orders-1";

/// What was published into a room, and what became of it. Any thread.
class Publications {
 public:
  explicit Publications(std::string room = kOrders) : room_(std::move(room)) {}

  /// Does not wait for the result.
  std::future<PublishResult> send(ServerFixture& from) {
    const int data = ++last_;
    auto result = std::make_shared<std::promise<PublishResult>>();
    EXPECT_FALSE(from.server().send({.destination = room_,
                                     .event = "n",
                                     .data = Json::text(std::to_string(data)),
                                     .on_result = [this, data, result](const PublishResult& it) {
                                       insist([&] { note(data, it); });
                                       insist([&] { result->set_value(it); });
                                     }}));
    return result->get_future();
  }

  Backplane publish(ServerFixture& from) { return send(from).get().backplane; }

  void publish(ServerFixture& from, int count) {
    for (int i = 0; i < count; ++i) EXPECT_EQ(publish(from), Backplane::ok);
  }

  void publish_until(ServerFixture& from, Backplane outcome) {
    ServerFixture::await([&] {
      if (publish(from) == outcome) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return false;
    });
  }

  /// Of the newest message, once all results are there.
  Position position() const {
    const std::lock_guard lock(mutex_);
    return results_.rbegin()->second.position.value();
  }

  /// The data of the last message.
  int last() const { return last_; }

  /// Once all results are there, and the member has read to its end.
  void check(const HistoryMember& member) const {
    std::map<int, Position> seen;
    for (const auto& [position, data] : member.seen())
      EXPECT_TRUE(seen.emplace(data, position).second) << member.user() << " twice: " << data;
    const std::lock_guard lock(mutex_);
    for (const auto& [data, result] : results_) {
      const auto at = seen.find(data);
      if (result.backplane == Backplane::down) {
        EXPECT_TRUE(at == seen.end()) << member.user() << " got what is down: " << data;
      } else if (result.backplane == Backplane::ok && at != seen.end()) {
        EXPECT_EQ(at->second, result.position) << member.user() << ": " << data;
      } else if (result.backplane == Backplane::ok) {
        EXPECT_TRUE(member.does_without(*result.position))
            << member.user() << " misses " << data << ": " << member.text(*result.position);
      }
    }
  }

 private:
  /// A test may have let an allocation of this thread fail.
  template <class Act>
  static void insist(Act act) try {
    act();
  } catch (const std::bad_alloc&) {
    act();
  }

  void note(int data, const PublishResult& result) {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(result.backplane == Backplane::ok, result.position.has_value());
    results_[data] = result;
  }

  const std::string room_;
  std::atomic<int> last_{0};
  mutable std::mutex mutex_;
  std::map<int, PublishResult> results_;
};

/// A server whose rooms `orders-*` have a history, with Redis connections of that name.
inline std::unique_ptr<ServerFixture> make_server(const std::string& url, const std::string& name) {
  auto made = std::make_unique<ServerFixture>(2, [&](ServerOptions& options) {
    options.broker = redis_broker({.url = url, .client_name = name});
    options.history = {{.match = "orders-*", .limits = {.size = 5'000}}};
  });
  made->spread();
  return made;
}

/// Publishes on both servers in turn, until the end of this object, at a pace at which the history
/// keeps what is published while Redis or a connection to it is away.
class Publishing {
 public:
  Publishing(Publications& publications, ServerFixture& one, ServerFixture& other)
      : thread_([&publications, &one, &other, this] {
          for (int i = 0; !over_; ++i) {
            publications.publish(i % 2 == 0 ? one : other);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
          }
        }) {}
  ~Publishing() {
    over_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> over_{false};
  std::thread thread_;
};

/// Two servers on one Redis, with members of one room.
class HistoryServers : public testing::Test {
 protected:
  void start(const std::string& url) {
    here_ = make_server(url, "here");
    there_ = make_server(url, "there");
    alice_.connect(*here_);
    bob_.connect(*there_);
    plain_ = here_->peer("plain", {kOrders});
  }

  /// Both members have everything up to the last message, or know what they miss.
  void expect_complete() {
    for (HistoryMember* member : {&alice_, &bob_}) {
      member->read_to(published_.last());
      published_.check(*member);
    }
  }
  void expect_losses(std::size_t count) const {
    for (const HistoryMember* member : {&alice_, &bob_}) {
      EXPECT_EQ(member->losses().size(), count) << member->user();
      for (const auto& loss : member->losses()) EXPECT_EQ(loss.reason, "epoch");
    }
  }

  /// Both servers have found that Redis is away.
  void await_lost() {
    for (const auto* server : {here_.get(), there_.get()})
      ServerFixture::await([&] { return server->count(Counter::broker_connections_lost) >= 2; });
  }

  std::unique_ptr<ServerFixture> here_;
  std::unique_ptr<ServerFixture> there_;
  Publications published_;
  HistoryMember alice_{"alice", kOrders};  ///< Of `here_` at first.
  HistoryMember bob_{"bob", kOrders};      ///< Of `there_`.
  Peer plain_;                             ///< Of `here_`; did not ask for positions.
};

}  // namespace wscast
