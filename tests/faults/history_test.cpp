// A server with rooms with history on a real Redis: each allocation on the thread of its broker
// fails in turn. Members get each message once, in order, or are told that some are lost; a
// publisher gets its result, and nobody waits for ever.

#include <chrono>
#include <cstdint>
#include <future>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "wscast/redis.h"

#include "faults/backend.h"
#include "faults/stride.h"
#include "integration/history_servers.h"
#include "server/server_access.h"
#include "support/allocation_faults.h"

namespace wscast::faults {
namespace {

using test::AllocationFaults;

/// The broker is on the first shard, all clients are on the last: with two of them no allocation of
/// a client's own fails.
class HistoryAllocations : public testing::TestWithParam<std::size_t> {
 protected:
  HistoryAllocations() {
    redis().call({"FLUSHALL"});
    ServerAccess::node(server_.server()).engine().set_placement([](std::size_t) {
      return GetParam() - 1;
    });
    alice_.connect(server_);
    std::promise<void> watched;
    ServerAccess::node(server_.server()).engine().shards().front()->post([&] {
      AllocationFaults::watch_this_thread();
      watched.set_value();
    });
    watched.get_future().wait();
  }

  static const test::RedisProcess& redis() { return *plain_redis().running().nodes.front(); }

  static RedisOptions broker_options() {
    RedisOptions options = plain_redis().running().options;
    options.answer_timeout = std::chrono::milliseconds(200);
    options.min_reconnect_delay = std::chrono::milliseconds(1);
    options.max_reconnect_delay = std::chrono::milliseconds(2);
    return options;
  }

  /// Messages, a client that comes back and gets what it missed, one that comes into a room that
  /// nobody was in, and a connection to Redis that is lost with messages under way.
  void exchange(std::uint64_t number) {
    publish();
    HistoryMember bob("bob, who has a rather long name", kOrders);
    connect(bob);
    publish();
    bob.disconnect();
    publish();
    connect(bob);
    HistoryMember carol("carol, who has a rather long name", "orders-of-" + std::to_string(number));
    connect(carol);
    for (const std::string_view type : {"pubsub", "normal"}) {
      const auto before = server_.count(Counter::broker_connections_made);
      redis().call({"CLIENT", "KILL", "TYPE", type});
      publish();
      ServerFixture::await(
          [&] { return server_.count(Counter::broker_connections_made) > before; });
      publish();
    }
  }

  /// Its connection may end, or it may be told that its position is unknown.
  void connect(HistoryMember& member) {
    const auto begin = std::chrono::steady_clock::now();
    member.try_connect(server_.address());
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(9)) << "no answer";
  }

  /// Awaits the result, whatever it is.
  void publish() {
    const auto result = published_.send(server_);
    EXPECT_EQ(result.wait_for(std::chrono::seconds(10)), std::future_status::ready) << "no result";
  }

  /// Everybody is served, and nothing is missing without a word.
  void expect_well() {
    published_.publish_until(server_, Backplane::ok);
    bool over = false;
    const auto behind = [&] {
      return alice_.seen().empty() || alice_.seen().back().data != published_.last();
    };
    while (behind() && !HasFailure()) {
      alice_.read_until([&] { return over || !behind(); }, [&] { over = true; });
      if (std::exchange(over, false)) alice_.connect(server_);
    }
    published_.check(alice_);
  }

  ServerFixture server_{GetParam(), [](ServerOptions& options) {
                          options.broker = redis_broker(broker_options());
                          options.history = {{.match = "orders-*", .limits = {.size = 5'000}}};
                        }};
  Publications published_;
  HistoryMember alice_{"alice, who has a rather long name", kOrders};
};

TEST_P(HistoryAllocations, InTurn) {
  const std::uint64_t stride = stride_of(127);
  std::uint64_t number = 1;
  bool struck = true;
  for (; struck && !HasFailure(); number += stride) {
    SCOPED_TRACE("allocation " + std::to_string(number) + " fails");
    AllocationFaults::arm(number);
    exchange(number);
    struck = AllocationFaults::disarm();
    expect_well();
  }
  EXPECT_GT(number, 500u);
}

INSTANTIATE_TEST_SUITE_P(Of, HistoryAllocations, testing::Values(1, 2), [](const auto& shards) {
  return shards.param == 1 ? "TheOnlyShard" : "TheBrokersShard";
});

}  // namespace
}  // namespace wscast::faults
