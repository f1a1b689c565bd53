// A shard that does not keep up: calls say so, who feeds it is not read, and what was accepted
// arrives.

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/client_id.h"
#include "integration/server_fixture.h"
#include "support/fake_transport.h"

namespace wscast {
namespace {

/// Two shards, the second of which stands still until it is let go. Whoever sends a `feed` makes
/// its shard send that to the room.
class Overload : public testing::Test {
 protected:
  Overload()
      : fixture_(2, [this](ServerOptions& options) {
          options.max_inbox_bytes = 20'000;
          options.transport.max_payload_length = 20'000;
          options.hooks.authenticate = [this](const AuthenticateRequest& request) {
            if (request.data.view() == R"("flood")") {
              while (!feed("flood", Json::text(data_))) continue;
            }
            return std::optional(Identity{.user_id = std::string(request.data.view())});
          };
          options.hooks.message = [this](const ClientMessage& message) { act(message); };
        }) {
    fixture_.spread();
    filler_ = fixture_.peer("filler");             // On the first shard.
    member_ = fixture_.peer("member", {"lobby"});  // On the second.
    feeder_ = fixture_.peer("feeder");             // On the first.
    blocker_ = fixture_.peer("blocker");           // On the second.
  }
  ~Overload() override { let_go(); }

  void act(const ClientMessage& message) {
    if (message.event == "block") {
      blocked_ = true;
      gone_.wait();
      return;
    }
    if (message.event == "quiet") {
      message.socket->send("heard");
      return;
    }
    ++(feed(message.event, message.data) ? overloaded_ : accepted_);
  }

  std::error_code feed(std::string_view event, const Json& data) {
    const auto error = server().send_to_room({.room = "lobby", .event = event, .data = data});
    if (error) {
      EXPECT_EQ(error, Errc::overloaded);
    }
    return error;
  }

  void block() {
    blocker_.send("block");
    ServerFixture::await([this] { return blocked_.load(); });
  }
  void let_go() {
    if (!std::exchange(let_go_, true)) go_.set_value();
  }

  Server& server() { return fixture_.server(); }

  struct ExternalClient {
    std::string id;
    std::shared_ptr<FakeExternalTransport> transport;
  };
  ExternalClient open_on_first_shard() {
    ExternalClient client{.id = {}, .transport = std::make_shared<FakeExternalTransport>()};
    do {
      client.id = Server::new_client_id();
    } while (hash_value(*ClientId::parse(client.id)) % 2 != 0);
    EXPECT_FALSE(server().handler().open(client.id, client.transport));
    return client;
  }

  const std::string data_ = "\"" + std::string(1000, 'x') + "\"";
  std::promise<void> go_;
  std::shared_future<void> gone_ = go_.get_future().share();
  bool let_go_ = false;
  std::atomic<bool> blocked_ = false;
  std::atomic<int> accepted_ = 0;
  std::atomic<int> overloaded_ = 0;
  ServerFixture fixture_;
  Peer filler_, member_, feeder_, blocker_;
};

TEST_F(Overload, ACallFromAnyThreadSaysSoAndItsCallbackDoesNotRun) {
  block();
  int accepted = 0;
  std::atomic<int> told = 0;
  std::error_code error;
  while (!error) {
    error = server().send_to_room({.room = "lobby",
                                   .event = "e",
                                   .data = Json::text(data_),
                                   .on_result = [&](const PublishResult&) { ++told; }});
    if (!error) ++accepted;
    ASSERT_LT(accepted, 1000);
  }
  EXPECT_EQ(error, Errc::overloaded);
  EXPECT_EQ(server()
                .send_to_client({.client_id = member_.id, .event = "e", .data = Json::text(data_)})
                .error(),
            Errc::overloaded);
  EXPECT_EQ(server().send_to_user({.user_id = server().get_client(member_.id)->user_id,
                                   .event = "e",
                                   .data = Json::text(data_)}),
            Errc::overloaded);
  EXPECT_EQ(fixture_.count(Counter::dropped_overloaded), 3u);
  // Of a broadcast the shards that keep up are reached; what is no message is never refused.
  const std::string longer = "\"" + data_.substr(1, 900) + data_.substr(1, 900) + "\"";
  EXPECT_EQ(server().broadcast({.event = "b", .data = Json::text(longer)}), Errc::overloaded);
  EXPECT_EQ(filler_.next(), message("b", longer));
  EXPECT_FALSE(server().join_room({.client_id = member_.id, .room = "other"}));
  EXPECT_FALSE(server().leave_room({.client_id = member_.id, .room = "other"}));
  let_go();
  for (int i = 0; i < accepted; ++i) ASSERT_EQ(member_.next(), message("e", data_));
  EXPECT_EQ(member_.next(), message("dropped", R"({"count":1})")) << "X2: what was for it alone";
  ServerFixture::await([&] { return told == accepted; });
  EXPECT_FALSE(server().close_client({.client_id = member_.id}));
  member_.expect_close(1000, "");
}

TEST_F(Overload, WhoFeedsItIsNotReadUntilItIsRelievedAndNothingAcceptedIsLost) {
  block();
  constexpr int count = 200;
  for (int i = 0; i < count; ++i) feeder_.send("feed", data_);
  ServerFixture::await([&] { return overloaded_ > 0; });
  filler_.socket->send_text("nonsense");  // Others are read.
  EXPECT_EQ(filler_.next(), error_message("Invalid message format"));
  EXPECT_LE(overloaded_, 32);  // Of what waited when it was held.
  EXPECT_GT(accepted_, 0);
  let_go();
  ServerFixture::await([&] { return accepted_ + overloaded_ == count; });
  const int accepted = accepted_;
  for (int i = 0; i < accepted; ++i) ASSERT_EQ(member_.next(), message("feed", data_));
  EXPECT_EQ(fixture_.count(Counter::dropped_overloaded),
            static_cast<std::uint64_t>(overloaded_.load()));
}

TEST_F(Overload, AExternalServerIsAskedNotToReadAndThenToGoOn) {
  const ExternalServerHandler handler = server().handler();
  const auto feeding = open_on_first_shard();
  EXPECT_FALSE(handler.message(feeding.id, message("authenticate", "{}"), false));
  block();
  ServerFixture::await([&] {
    if (overloaded_ == 0) {
      // The way to the client's own shard may be full, too.
      const auto error = handler.message(feeding.id, message("feed", data_), false);
      EXPECT_TRUE(!error || error == Errc::overloaded) << error;
    }
    // Reading stops for a while also when many messages wait for their hook.
    return overloaded_ > 0 && !feeding.transport->reading();
  });
  let_go();
  ServerFixture::await([&] { return feeding.transport->reading(); });
}

TEST_F(Overload, AnAuthenticationThatFeedsItHoldsItsOwnClientAndNoOther) {
  const ExternalServerHandler handler = server().handler();
  const auto other = open_on_first_shard();
  EXPECT_FALSE(handler.message(other.id, message("authenticate", "{}"), false));
  const auto flooding = open_on_first_shard();
  block();
  EXPECT_FALSE(handler.message(flooding.id, message("authenticate", R"("flood")"), false));
  EXPECT_FALSE(handler.message(other.id, message("quiet", "1"), false));
  ServerFixture::await([&] { return other.transport->sent().size() == 2; });
  ServerFixture::await([&] { return !flooding.transport->reading(); });
  EXPECT_TRUE(other.transport->reading());
  let_go();
  ServerFixture::await([&] { return flooding.transport->reading(); });
}

}  // namespace
}  // namespace wscast
