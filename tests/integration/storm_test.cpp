// Servers that start and stop, again and again, while everybody calls them in no order at all.
// WSCAST_STORM_ROUNDS says how often, WSCAST_STORM_SEED which round is the first: a round that
// hangs or fails prints its seed, and happens again with it, as far as the threads allow.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/redis.h"

#include "integration/server_fixture.h"
#include "support/fake_redis_thread.h"
#include "support/fake_transport.h"
#include "support/watchdog.h"

namespace wscast {
namespace {

using namespace std::chrono_literals;
using client::BlockingClient;

unsigned number_from(const char* variable, unsigned otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::stoul(text));
}

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  int roll(int sides) { return std::uniform_int_distribution<int>(0, sides - 1)(random_); }
  bool one_in(int sides) { return roll(sides) == 0; }
  void pause(int most_ms) { std::this_thread::sleep_for(std::chrono::milliseconds(roll(most_ms))); }

 private:
  std::mt19937 random_;
};

/// One server's life.
class Round {
 public:
  explicit Round(unsigned seed)
      : seed_(seed),
        dice_(seed),
        watchdog_("WSCAST_STORM_SEED=" + std::to_string(seed / 100), 120s) {
    if (!dice_.one_in(3)) redis_.emplace();
    server_.emplace(options());
  }

  /// Returns what the server counted.
  Stats run() {
    std::vector<std::thread> threads;
    threads.emplace_back([this] { start(Dice(seed_ + 1)); });
    threads.emplace_back([this] { stop(Dice(seed_ + 2)); });
    threads.emplace_back([this] { call(Dice(seed_ + 3)); });
    threads.emplace_back([this] { hold_external_client(Dice(seed_ + 4)); });
    if (redis_) threads.emplace_back([this] { harm_redis(Dice(seed_ + 5)); });
    for (unsigned i = 0; i < 3; ++i) {
      threads.emplace_back([this, i] { live_as_client(Dice(seed_ + 10 + i)); });
    }
    server_->wait();
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(server_->broadcast({.event = "x"}), Errc::stopped);
    EXPECT_THROW(server_->listen("127.0.0.1:0"), std::system_error);
    EXPECT_LE(results_, broadcasts_);
    const Stats stats = server_->stats();
    server_.reset();
    kept_.clear();  // Replies that outlive the server.
    return stats;
  }

 private:
  ServerOptions options();
  template <class Owed>
  void reply_somehow(Dice& dice, Owed reply);
  void act_in_hook(Dice& dice, std::string_view client);
  Dice hook_dice() { return Dice(seed_ * 1'000 + hooks_++); }

  void start(Dice dice);
  void stop(Dice dice);
  void call(Dice dice);
  void harm_redis(Dice dice);
  void hold_external_client(Dice dice);
  void live_as_client(Dice dice);
  void talk(BlockingClient& client, Dice& dice);

  void listen();
  std::string some_address(Dice& dice);

  const unsigned seed_;
  Dice dice_;
  const test::Watchdog watchdog_;
  std::optional<test::FakeRedisThread> redis_;
  std::atomic<unsigned> hooks_ = 0;
  std::atomic<unsigned> broadcasts_ = 0;
  std::atomic<unsigned> results_ = 0;
  std::atomic<bool> over_ = false;  ///< Nobody listens any more.
  std::mutex mutex_;
  std::vector<std::string> addresses_;
  std::vector<std::function<void()>> kept_;
  std::optional<Server> server_;
};

ServerOptions Round::options() {
  ServerOptions options;
  options.shards = static_cast<std::size_t>(1 + dice_.roll(3));
  options.broker = redis_ ? redis_broker({.url = redis_->url(),
                                          .ready_timeout = 2s,
                                          .answer_timeout = 100ms,
                                          .probe_interval = 50ms,
                                          .probe_timeout = 200ms,
                                          .min_reconnect_delay = 1ms,
                                          .max_reconnect_delay = 10ms})
                          : memory_broker();
  options.transport.close_timeout = 50ms;
  options.session.heartbeat_interval = 20ms;
  options.session.encrypted_batch_limit = 2;
  options.session.transform_timeout = 20ms;
  options.hooks.authenticate = [this](const AuthenticateRequest& request,
                                      Reply<std::optional<Identity>> reply) {
    Dice dice = hook_dice();
    act_in_hook(dice, request.client_id);
    reply_somehow(dice, [reply] { reply(Identity{.user_id = "alice"}); });
  };
  options.hooks.validate_rooms = [this](const ValidateRoomsRequest& request) {
    Dice dice = hook_dice();
    act_in_hook(dice, request.client_id);
    return std::vector<std::string>(request.rooms.begin(), request.rooms.end());
  };
  options.hooks.message = [this](const ClientMessage& message, Reply<void> reply) {
    Dice dice = hook_dice();
    act_in_hook(dice, message.client_id);
    if (dice.one_in(4)) server_->enable_client_encryption(message.client_id);
    reply_somehow(dice, [reply] { reply(); });
  };
  options.hooks.disconnected = [this](const ClientEvent& event) {
    Dice dice = hook_dice();
    act_in_hook(dice, event.client_id);
    if (dice.one_in(100)) std::this_thread::sleep_for(4s);  // Longer than the broker is waited for.
  };
  options.hooks.outbound_transformer = [this](const TransformRequest&,
                                              Reply<std::optional<Transformed>> reply) {
    Dice dice = hook_dice();
    reply_somehow(dice, [reply] { reply(std::nullopt); });
  };
  return options;
}

template <class Owed>
void Round::reply_somehow(Dice& dice, Owed reply) {
  if (!dice.one_in(8)) return reply();
  if (dice.one_in(2)) throw std::runtime_error("a hook's own");
  const std::lock_guard lock(mutex_);
  kept_.emplace_back(std::move(reply));
}

void Round::act_in_hook(Dice& dice, std::string_view client) {
  switch (dice.roll(32)) {
    case 0:
      return server_->shutdown();
    case 1:
    case 2:
      return listen();
    case 3:
    case 4:
      server_->close_client({.client_id = client});
      return;
    case 5:
    case 6:
      return dice.pause(20);
    case 7:
    case 8:
      server_->join_room({.client_id = client, .room = "lobby"});
      return;
    default:
      ++broadcasts_;
      server_->send({.event = "t",
                     .data = Json::text("1"),
                     .on_result = [this](const PublishResult&) { ++results_; }});
  }
}

void Round::listen() {
  try {
    std::string address = server_->listen("127.0.0.1:0");
    const std::lock_guard lock(mutex_);
    addresses_.push_back(std::move(address));
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), Errc::stopped) << error.what();
  }
}

std::string Round::some_address(Dice& dice) {
  const std::lock_guard lock(mutex_);
  if (addresses_.empty()) return {};
  return addresses_[static_cast<std::size_t>(dice.roll(static_cast<int>(addresses_.size())))];
}

void Round::start(Dice dice) {
  try {
    server_->configure();
  } catch (const std::exception&) {  // Redis died, or shutdown() came.
    server_->shutdown();
  }
  for (int left = 1 + dice.roll(3); left > 0; --left) {
    listen();
    dice.pause(5);
  }
}

void Round::stop(Dice dice) {
  dice.pause(200);
  server_->shutdown();
  if (dice.one_in(2)) server_->shutdown();
  server_->wait();
  over_ = true;
}

void Round::call(Dice dice) {
  while (!over_) {
    for (const auto& client : server_->get_clients()) {
      if (dice.one_in(40)) server_->close_client({.client_id = client.id, .code = 4000});
      server_->join_room({.client_id = client.id, .room = "lobby"});
    }
    ++broadcasts_;
    server_->send({.destination = "lobby",
                   .event = "t",
                   .data = Json::text("1"),
                   .on_result = [this](const PublishResult&) { ++results_; }});
    if (dice.one_in(20)) listen();
    server_->stats();
    dice.pause(5);
  }
}

void Round::harm_redis(Dice dice) {
  for (int left = dice.roll(4); left > 0; --left) {
    dice.pause(20);
    redis_->answer(dice.one_in(2));
  }
  dice.pause(40);
  if (dice.one_in(2)) redis_->die();
}

void Round::hold_external_client(Dice dice) {
  const auto handler = server_->handler();
  while (!over_) {
    const std::string id = Server::new_client_id();
    if (handler.open(id, std::make_shared<FakeExternalTransport>())) {
      dice.pause(5);
      continue;
    }
    handler.message(id, R"({"event":"authenticate"})", false);
    for (int left = dice.roll(4); left > 0; --left) {
      handler.message(id, R"({"event":"x"})", dice.one_in(2));
      dice.pause(5);
    }
    if (!dice.one_in(4)) handler.close(id);
  }
}

void Round::live_as_client(Dice dice) {
  while (!over_) {
    const std::string address = some_address(dice);
    BlockingClient client;
    if (!address.empty() && !client.connect(endpoint_of(address), "/ws", {}, 200ms)) {
      talk(client, dice);
    }
    dice.pause(5);
  }
}

void Round::talk(BlockingClient& client, Dice& dice) {
  client.send_text(R"({"event":"authenticate"})");
  client.receive(50ms);
  client.send_text(R"({"event":"join","data":{"rooms":["lobby"]}})");
  for (int left = dice.roll(6); left > 0; --left) {
    client.send_text(R"({"event":"x","data":1})");
    client.receive(10ms);
  }
  if (dice.one_in(3)) return client.reset();
  if (dice.one_in(2)) client.send_close(1000);
}

TEST(Storm, ServersStartAndStopWhileEverybodyCallsThem) {
  const unsigned first = number_from("WSCAST_STORM_SEED", 1);
  const unsigned rounds = number_from("WSCAST_STORM_ROUNDS", 30);
  std::uint64_t authentications = 0;
  std::uint64_t closed = 0;
  for (unsigned seed = first; seed < first + rounds; ++seed) {
    const Stats stats = Round(seed * 100).run();
    ASSERT_FALSE(HasFailure()) << "WSCAST_STORM_SEED=" << seed;
    authentications += stats[Counter::authentications];
    closed += stats[Counter::closed_shutdown] + stats[Counter::closed_by_application];
  }
  std::printf("%llu authenticated, %llu closed by the server\n",
              static_cast<unsigned long long>(authentications),
              static_cast<unsigned long long>(closed));
  if (rounds >= 10) {
    EXPECT_GT(authentications, 0u) << "the storm was a calm";
  }
}

}  // namespace
}  // namespace wscast
