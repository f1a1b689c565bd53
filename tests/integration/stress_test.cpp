// Everything at once, from many threads, for the thread sanitizer; then the books must balance.
// WSCAST_STRESS_SECONDS says for how long.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "integration/remote.h"
#include "integration/server_fixture.h"
#include "support/ecdh_client.h"
#include "support/fake_transport.h"

namespace wscast {
namespace {

std::chrono::seconds duration() {
  const char* text = std::getenv("WSCAST_STRESS_SECONDS");
  return std::chrono::seconds(text == nullptr ? 3 : std::max(1, std::atoi(text)));
}

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  int roll(int sides) { return static_cast<int>(random_() % static_cast<unsigned>(sides)); }
  std::string room() { return "room" + std::to_string(roll(4)); }
  std::string user() { return "user" + std::to_string(roll(4)); }

 private:
  std::minstd_rand random_;
};

class Stress : public testing::Test {
 protected:
  Stress() : fixture_(3, [this](ServerOptions& options) { adjust(options); }) {}

  Server& server() { return fixture_.server(); }

  void adjust(ServerOptions& options) {
    options.transport.backpressure_limit = 16 * 1024;
    options.transport.send_buffer = 16 * 1024;
    options.transport.close_timeout = std::chrono::milliseconds(500);
    options.session.heartbeat_interval = std::chrono::milliseconds(50);
    options.max_inbox_bytes = 64 * 1024;
    options.transport.max_payload_length = 64 * 1024;
    options.hooks.authenticate = [this](const AuthenticateRequest& request,
                                        Reply<std::optional<Identity>> reply) {
      later([reply, id = std::string(request.client_id)] {
        reply(Identity{.user_id = "user" + std::to_string(id[0] % 4),
                       .metadata = Metadata::of(std::string(id))});
      });
    };
    options.hooks.connected = [this](const ClientEvent& event, Reply<void> reply) {
      event.socket->subscribe("topic");
      server().join_room({.client_id = event.client_id, .room = "room0"});
      later([reply] { reply(); });
    };
    options.hooks.validate_rooms = [this](const ValidateRoomsRequest& request,
                                          Reply<std::vector<std::string>> reply) {
      later([reply, rooms = std::vector<std::string>(request.rooms.begin(), request.rooms.end())] {
        reply(rooms);
      });
    };
    options.hooks.message = [this](const ClientMessage& message, Reply<void> reply) {
      message.socket->publish("topic", "published");
      server().send({.destination = message.event,
                     .event = "t",
                     .data = message.data,
                     .exclude = {std::string(message.client_id)}});
      later([reply] { reply(); });
    };
    options.hooks.disconnected = [this](const ClientEvent&, Reply<void> reply) {
      ++disconnected_;
      later([reply] { reply(); });
    };
    options.hooks.outbound_transformer = [this](const TransformRequest& request,
                                                Reply<std::optional<Transformed>> reply) {
      later([reply, event = std::string(request.event)] {
        reply(Transformed{.event = "sealed", .data = "\"" + event + "\""});
      });
    };
  }

  void later(std::function<void()> task) { elsewhere_[turn_++ % 2].post(std::move(task)); }

  bool goes_on() const { return std::chrono::steady_clock::now() < end_; }

  std::string some_client(Dice& dice) {
    const auto clients = server().get_clients_by_room("ws-default");
    if (clients.empty()) return Server::new_client_id();
    return clients[static_cast<std::size_t>(dice.roll(static_cast<int>(clients.size())))].id;
  }

  void call_something(Dice& dice);
  void live_as_client(unsigned seed);
  void hold_external_clients(unsigned seed);
  void expect_nobody_left();

  std::atomic<std::uint64_t> disconnected_ = 0;
  std::atomic<std::size_t> turn_ = 0;
  std::atomic<std::uint64_t> opened_external_ = 0;
  const std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::now() + duration();
  std::array<Elsewhere, 2> elsewhere_;  // Ends after the server.
  ServerFixture fixture_;
};

void Stress::call_something(Dice& dice) {
  const std::string id = some_client(dice);
  const Json data = Json::text(R"({"x":[1,2,3]})");
  const auto ignore = [](const PublishResult&) {};
  switch (dice.roll(16)) {
    case 0:
      server().send_to_client({.client_id = id, .event = "c", .data = data});
      break;
    case 1:
      server().send_to_user({.user_id = dice.user(), .event = "u", .data = data});
      break;
    case 2:
      server().send_to_room(
          {.room = dice.room(), .event = "r", .data = data, .exclude = {id}, .on_result = ignore});
      break;
    case 3:
      server().broadcast({.event = "b", .data = data, .on_result = ignore});
      break;
    case 4:
      server().send({.destination = dice.room(), .event = "s", .data = data, .on_result = ignore});
      break;
    case 5:
    case 6:
      server().join_room({.client_id = id, .room = dice.room()});
      break;
    case 7:
    case 8:
      server().leave_room({.client_id = id, .room = dice.room()});
      break;
    case 9:
      if (dice.roll(8) == 0) server().enable_client_encryption(id);
      break;
    case 10:
      if (dice.roll(4) == 0) server().close_client({.client_id = id, .code = 4000});
      break;
    case 11:
      if (dice.roll(40) == 0) server().close_user({.user_id = dice.user()});
      break;
    case 12:
      if (const auto info = server().get_client(id)) {
        EXPECT_EQ(info->id, id);
        EXPECT_TRUE(!info->metadata || *info->metadata.get<std::string>() == id);
      }
      break;
    case 13:
      for (const auto& info : server().get_clients_by_user(dice.user())) {
        EXPECT_FALSE(info.id.empty());
      }
      server().in_room(id, dice.room());
      break;
    case 14:
      server().room_size(dice.room());
      server().client_count();
      server().get_clients();
      break;
    default:
      server().stats();
  }
}

/// Connects, does what clients do, reads or not, and leaves in one way or another.
void Stress::live_as_client(unsigned seed) {
  Dice dice(seed);
  while (goes_on()) {
    client::BlockingClient client;
    if (client.connect(endpoint_of(fixture_.address()))) continue;
    if (dice.roll(8) > 0) client.send_text(R"({"event":"authenticate"})");
    const bool reads = dice.roll(4) > 0;
    for (int left = dice.roll(60); left > 0 && goes_on(); --left) {
      const std::string room = dice.room();
      const int what = dice.roll(6);
      const bool sent =
          what == 0   ? client.send_text(message("join", R"({"rooms":[")" + room + R"("]})"))
          : what == 1 ? client.send_text(message("leave", R"({"rooms":[")" + room + R"("]})"))
          : what == 2 ? client.send_text(R"({"event":"heartbeat"})")
                      : client.send_text(message(room, R"("hello")"));
      if (!sent) break;
      if (!reads) continue;
      const auto event = client.receive(std::chrono::milliseconds(5));
      if (event.kind == client::Event::Kind::close || event.kind == client::Event::Kind::end) break;
      EXPECT_NE(event.kind, client::Event::Kind::failure) << event.payload;
    }
    if (dice.roll(3) == 0) client.send_close(1000);
    if (dice.roll(3) == 0) client.reset();
  }
}

void Stress::hold_external_clients(unsigned seed) {
  Dice dice(seed);
  const ExternalServerHandler handler = server().handler();
  while (goes_on()) {
    const std::string id = Server::new_client_id();
    const auto transport = std::make_shared<FakeExternalTransport>();
    ASSERT_FALSE(handler.open(id, transport));
    ++opened_external_;
    handler.message(id, R"({"event":"authenticate"})", false);
    for (int left = dice.roll(20); left > 0; --left) {
      transport->answer(dice.roll(3) - 1);
      handler.message(id, message(dice.room(), "1"), dice.roll(2) == 0);
      if (dice.roll(4) == 0) handler.drain(id);
      call_something(dice);
    }
    EXPECT_FALSE(handler.close(id));
  }
}

void Stress::expect_nobody_left() {
  ServerFixture::await(
      [this] { return server().stats().connections == 0 && server().client_count() == 0; });
  const auto stats = server().stats();
  ServerFixture::await([&] {
    return disconnected_ == stats[Counter::upgrades] + opened_external_;  // O16
  });
  EXPECT_TRUE(server().get_clients().empty());
  for (int i = 0; i < 4; ++i) {
    const std::string digit = std::to_string(i);
    EXPECT_EQ(server().room_size("room" + digit), 0u);
    EXPECT_TRUE(server().get_clients_by_room("room" + digit).empty());
    EXPECT_TRUE(server().get_clients_by_user("user" + digit).empty());
  }
  EXPECT_EQ(server().room_size("ws-default"), 0u);
  ServerFixture::await([this] { return server().stats().authenticated == 0; });
  EXPECT_EQ(stats[Counter::hook_failures], 0u);
  EXPECT_GT(stats[Counter::authentications], 0u);
  EXPECT_GT(stats[Counter::posts_between_shards], 0u);
}

// shows: O16
TEST_F(Stress, TheDirectoryAgreesWithRealityAfterEverythingAtOnce) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 4; ++i) {
    threads.emplace_back([this, i] { live_as_client(10 + i); });
  }
  for (unsigned i = 0; i < 3; ++i) {
    threads.emplace_back([this, i] {
      Dice dice(20 + i);
      while (goes_on()) call_something(dice);
    });
  }
  threads.emplace_back([this] { hold_external_clients(30); });
  for (auto& thread : threads) thread.join();
  expect_nobody_left();

  // Nothing is left behind that a new client would notice.
  const auto socket = fixture_.connect();
  socket->send_text(R"({"event":"authenticate"})");
  EXPECT_TRUE(socket->receive().payload.starts_with(R"({"event":"connected")"));
  ServerFixture::await([this] { return server().room_size("room0") == 1; });
  EXPECT_FALSE(server().send_to_room({.room = "room0", .event = "e"}));
  EXPECT_EQ(socket->receive().payload, R"({"event":"e"})");
}

TEST_F(Stress, ItMayEndInTheMiddle) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 2; ++i) {
    threads.emplace_back([this, i] {
      Dice dice(40 + i);
      for (int n = 0; n < 2000; ++n) call_something(dice);
    });
  }
  std::vector<std::unique_ptr<client::BlockingClient>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(fixture_.connect());
    clients.back()->send_text(R"({"event":"authenticate"})");
  }
  server().shutdown();
  clients.clear();
  for (auto& thread : threads) thread.join();
  server().wait();
  EXPECT_EQ(server().client_count(), 0u);
  EXPECT_EQ(disconnected_, server().stats()[Counter::upgrades]);
}

/// Clients of the ready-made encryption that come, talk and go while everybody is sent to.
class EncryptedStress : public testing::Test {
 protected:
  EncryptedStress()
      : fixture_(3, [this](ServerOptions& options) {
          options.encryption = ecdh({.clients = Encryption::optional});
          options.transport.backpressure_limit = 16 * 1024;
          options.transport.send_buffer = 16 * 1024;
          options.transport.close_timeout = std::chrono::milliseconds(500);
          options.hooks.message = [this](const ClientMessage& message) {
            fixture_.server().send_to_room(
                {.room = message.event, .event = "said", .data = message.data});
          };
        }) {}

  Server& server() { return fixture_.server(); }
  bool goes_on() const { return std::chrono::steady_clock::now() < end_; }

  void send_to_all(unsigned seed) {
    Dice dice(seed);
    const Json data = Json::text(R"({"x":[1,2,3]})");
    while (goes_on()) {
      server().send_to_room({.room = dice.room(), .event = "r", .data = data});
      server().send_to_user({.user_id = dice.user(), .event = "u", .data = data});
      server().broadcast({.event = "b", .data = data});
      if (dice.roll(20) == 0) server().close_user({.user_id = dice.user()});
      std::this_thread::yield();
    }
  }

  void live_as_client(unsigned seed) {
    Dice dice(seed);
    while (goes_on()) {
      client::BlockingClient client;
      if (client.connect(endpoint_of(fixture_.address()))) continue;
      EcdhClient keys;
      client.send_text(message(
          "authenticate",
          R"({"token":")" + dice.user() + R"(","publicKey":")" + keys.public_key() + "\"}"));
      const auto connected = client.receive();
      if (!keys.learn_from(connected.payload)) continue;  // The server has closed it.
      ++agreed_;
      const std::string rooms = R"({"rooms":[")" + dice.room() + R"("]})";
      client.send_text(keys.seal(message("join", rooms)));
      const bool reads = dice.roll(4) > 0;
      for (int left = dice.roll(60); left > 0 && goes_on(); --left) {
        if (!client.send_text(keys.seal(message(dice.room(), R"("hello")")))) break;
        if (!reads) continue;
        const auto event = client.receive(std::chrono::milliseconds(5));
        if (event.kind == client::Event::Kind::timeout) continue;
        if (event.kind != client::Event::Kind::text) break;
        EXPECT_TRUE(keys.open(event.payload)) << "in the clear: " << event.payload;
        ++opened_;
      }
      if (dice.roll(3) == 0) client.send_close(1000);
      if (dice.roll(3) == 0) client.reset();
    }
  }

  std::atomic<int> agreed_ = 0;
  std::atomic<int> opened_ = 0;
  const std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::now() + duration();
  ServerFixture fixture_;
};

// shows: S3, S8
TEST_F(EncryptedStress, EachMessageIsSealedForItsClientAmidComingsAndGoings) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 4; ++i) threads.emplace_back([this, i] { live_as_client(50 + i); });
  for (unsigned i = 0; i < 2; ++i) threads.emplace_back([this, i] { send_to_all(60 + i); });
  for (auto& thread : threads) thread.join();
  ServerFixture::await([this] { return server().stats().connections == 0; });
  EXPECT_EQ(server().client_count(), 0u);
  EXPECT_EQ(fixture_.count(Counter::decryption_failures), 0u);
  EXPECT_GT(agreed_, 0);
  EXPECT_GT(opened_, 0);
}

}  // namespace
}  // namespace wscast
