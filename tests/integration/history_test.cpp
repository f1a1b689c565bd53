// Rooms with history on one server, with real clients on all its shards (protocol.md section 7).

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/json_fields.h"

#include "integration/server_fixture.h"
#include "support/ecdh_client.h"

namespace wscast {
namespace {

constexpr std::string_view kRoom = "orders-1";

class HistoryTest : public testing::Test {
 protected:
  void start(const ServerFixture::Adjust& adjust = {}) {
    fixture_ = std::make_unique<ServerFixture>(3, [&](ServerOptions& options) {
      options.history = {{.match = "orders-*", .limits = {.size = 100}},
                         {.match = "ws-default", .limits = {.size = 5}}};
      if (adjust) adjust(options);
    });
    fixture_->spread();
  }

  Server& server() { return fixture_->server(); }

  /// Sends `count` numbered messages to the room. Returns the last result.
  PublishResult publish(int count, std::string_view room = kRoom,
                        const std::vector<std::string>& exclude = {}, std::string_view key = {}) {
    PublishResult last;
    for (int i = 0; i < count; ++i) {
      std::promise<PublishResult> result;
      const std::string data = std::to_string(++published_);
      EXPECT_FALSE(server().send({.destination = room,
                                  .event = "n",
                                  .data = Json::text(data),
                                  .exclude = exclude,
                                  .on_result = [&](const PublishResult& r) { result.set_value(r); },
                                  .key = key}));
      last = result.get_future().get();
    }
    return last;
  }

  /// A client that asks for positions. `ext`: more members of `ext`.
  Peer enter(std::string_view user, std::string_view ext = "") {
    Peer peer;
    peer.socket = fixture_->connect();
    peer.socket->send_text(R"({"event":"authenticate","data":{"token":")" + std::string(user) +
                           R"("},"ext":{"positions":1)" + std::string(ext) + "}}");
    connected_ = peer.next();
    const auto fields = JsonFields::of(Json::text(connected_));
    const auto data = JsonFields::of(fields->raw("data"));
    peer.id = data->string("id").value_or("");
    positions_ = std::string(data->raw("positions").view());
    return peer;
  }

  /// Joins the room. Returns its part of `positions`.
  std::string join(const Peer& peer, const std::string& recover = "") {
    peer.socket->send_text(R"({"event":"join","data":{"rooms":["orders-1"])" + recover +
                           R"(},"id":1})");
    return position_in(peer.next());
  }

  static std::string position_in(const std::string& ack) {
    const auto fields = JsonFields::of(Json::text(ack));
    EXPECT_EQ(fields->string("event"), "ack") << ack;
    const auto positions = JsonFields::of(JsonFields::of(fields->raw("data"))->raw("positions"));
    if (!positions) return ack;
    return std::string(positions->raw(kRoom).view());
  }

  std::string epoch_of(const std::string& position) {
    return JsonFields::of(Json::text(position))->string("epoch").value_or("");
  }
  std::string at(int offset, const std::string& epoch) {
    return R"({"offset":)" + std::to_string(offset) + R"(,"epoch":")" + epoch + R"("})";
  }
  std::string recover(int offset, const std::string& epoch, std::string_view client = "") {
    return R"(,"recover":{"ids":[")" + std::string(client) + R"("],"rooms":{"orders-1":)" +
           at(offset, epoch) + "}}";
  }
  static std::string positioned(int data, int offset, std::string_view room = kRoom) {
    return R"({"event":"n","data":)" + std::to_string(data) + R"(,"room":")" + std::string(room) +
           R"(","offset":)" + std::to_string(offset) + "}";
  }

  std::unique_ptr<ServerFixture> fixture_;
  std::string connected_;
  std::string positions_;
  int published_ = 0;
};

TEST_F(HistoryTest, H4EachClientGetsTheFormThatItAskedFor) {
  start();
  const Peer plain = fixture_->peer("plain", {std::string(kRoom)});
  const Peer peer = enter("alice");
  const std::string position = join(peer);
  EXPECT_EQ(position, at(0, epoch_of(position)));
  const PublishResult result = publish(1);
  EXPECT_EQ(result.backplane, Backplane::ok);
  EXPECT_EQ(result.accepted, 0u);
  EXPECT_EQ(result.position, (Position{1, epoch_of(position)}));
  EXPECT_EQ(peer.next(), positioned(1, 1));
  EXPECT_EQ(plain.next(), message("n", "1"));
}

TEST_F(HistoryTest, H4ConnectedHasThePositionsOfTheDefaultRooms) {
  start();
  publish(2, "ws-default");
  const Peer peer = enter("alice");
  EXPECT_TRUE(positions_.starts_with(R"({"ws-default":{"offset":2,"epoch":")")) << positions_;
  publish(1, "ws-default");
  EXPECT_EQ(peer.next(), positioned(3, 3, "ws-default"));
}

TEST_F(HistoryTest, H4WhoDoesNotAskSeesNothingOfIt) {
  start();
  const Peer peer = fixture_->peer("bob", {std::string(kRoom)});
  peer.socket->send_text(R"({"event":"join","data":{"rooms":["orders-2"]},"id":1})");
  EXPECT_EQ(peer.next(),
            R"({"event":"ack","data":{"ok":true,"rooms":{"orders-2":"joined"}},"id":1})");
  publish(1);
  EXPECT_EQ(peer.next(), message("n", "1"));
}

TEST_F(HistoryTest, H4MessagesOfTheServerAreMarked) {
  start();
  const Peer peer = enter("alice");
  peer.socket->send_text("nonsense");
  EXPECT_EQ(peer.next(),
            R"({"event":"error","data":{"message":"Invalid message format"},"server":true})");
}

TEST_F(HistoryTest, H1OnlySendWritesHistory) {
  start();
  const Peer peer = enter("alice");
  join(peer);
  server().send_to_room({.room = kRoom, .event = "live", .data = kOne});
  EXPECT_EQ(peer.next(), message("live", "1"));
  publish(1);
  EXPECT_EQ(peer.next(), positioned(1, 1));
  EXPECT_EQ(fixture_->count(Counter::history_publishes_ok), 1u);
}

TEST_F(HistoryTest, H5AClientGetsWhatItMissed) {
  start();
  std::string epoch;
  {
    const Peer first = enter("alice");
    epoch = epoch_of(join(first));
    publish(1);
    EXPECT_EQ(first.next(), positioned(1, 1));
  }
  publish(3);
  const Peer again = enter("alice");
  EXPECT_EQ(join(again, recover(1, epoch)),
            R"({"offset":1,"epoch":")" + epoch + R"(","recovered":true})");
  for (int i = 2; i <= 4; ++i) EXPECT_EQ(again.next(), positioned(i, i));
  publish(1);
  EXPECT_EQ(again.next(), positioned(5, 5));
  EXPECT_EQ(fixture_->count(Counter::history_recovered), 1u);
}

TEST_F(HistoryTest, H5InOneRoundTripWithAuthenticate) {
  start();
  const Peer first = enter("alice");
  const std::string epoch = epoch_of(join(first));
  publish(2);
  const Peer again = enter(
      "alice", R"(,"join":{"id":"r","data":{"rooms":["orders-1"])" + recover(0, epoch) + "}}");
  EXPECT_EQ(position_in(again.next()),
            R"({"offset":0,"epoch":")" + epoch + R"(","recovered":true})");
  EXPECT_EQ(again.next(), positioned(1, 1));
  EXPECT_EQ(again.next(), positioned(2, 2));
}

TEST_F(HistoryTest, H5ADefaultRoomGoesOnWhereTheClientWas) {
  start();
  publish(3, "ws-default");
  enter("alice");
  const std::string epoch =
      epoch_of(std::string(JsonFields::of(Json::text(positions_))->raw("ws-default").view()));
  publish(1, "ws-default");
  const Peer again = enter("bob", R"(,"join":{"id":1,"data":{"rooms":["ws-default"],"recover":)"
                                  R"({"rooms":{"ws-default":)" +
                                      at(1, epoch) + "}}}}");
  const std::string ack = again.next();
  EXPECT_NE(ack.find(R"("ws-default":{"offset":1,"epoch":")" + epoch + R"(","recovered":true})"),
            std::string::npos)
      << ack;
  for (int i = 2; i <= 4; ++i) EXPECT_EQ(again.next(), positioned(i, i, "ws-default"));
}

TEST_F(HistoryTest, H5SaysWhyItCannot) {
  start();
  const Peer peer = enter("alice");
  const std::string epoch = epoch_of(join(peer));
  publish(150);
  const Peer late = enter("bob");
  EXPECT_EQ(join(late, recover(1, epoch)),
            R"({"offset":150,"epoch":")" + epoch + R"(","recovered":false,"reason":"window"})");
  const Peer other = enter("carol");
  EXPECT_EQ(join(other, recover(1, "another")),
            R"({"offset":150,"epoch":")" + epoch + R"(","recovered":false,"reason":"epoch"})");
  publish(1);
  EXPECT_EQ(late.next(), positioned(151, 151));
  EXPECT_EQ(other.next(), positioned(151, 151));
  EXPECT_EQ(fixture_->count(Counter::history_not_recovered), 2u);
}

TEST_F(HistoryTest, H5WhoIsExcludedUnderItsFormerIdIsSoStill) {
  start();
  const Peer peer = enter("alice");
  const std::string epoch = epoch_of(join(peer));
  publish(1, kRoom, {peer.id});
  publish(1);
  EXPECT_EQ(peer.next(), positioned(2, 2));
  const Peer again = enter("alice");
  join(again, recover(0, epoch, peer.id));
  EXPECT_EQ(again.next(), positioned(2, 2));
}

TEST_F(HistoryTest, H5ARoomThatIsNotAllowedHasNoPosition) {
  start([](ServerOptions& options) { options.hooks.validate_rooms = {}; });
  const Peer peer = enter("alice");
  EXPECT_EQ(join(peer, recover(0, "x")), "");
}

TEST_F(HistoryTest, H7ASlowClientGetsEverythingLater) {
  start([](ServerOptions& options) {
    options.transport.backpressure_limit = 64 * 1024;
    options.transport.send_buffer = 16 * 1024;
    options.transport.close_on_backpressure_limit = true;
    options.history.front().limits.size = 400;
  });
  const Peer peer = enter("alice");
  join(peer);
  const std::string big(10'000, 'x');
  for (int i = 0; i < 300; ++i) {
    server().send({.destination = kRoom, .event = "n", .data = Json::text('"' + big + '"')});
  }
  publish(1);
  ServerFixture::await([&] { return fixture_->count(Counter::history_replays) > 0; });
  for (int i = 1; i <= 300; ++i) {
    const std::string text = peer.next();
    ASSERT_TRUE(text.ends_with(R"("room":"orders-1","offset":)" + std::to_string(i) + "}"))
        << i << ": " << text.substr(text.size() - 60);
  }
  EXPECT_EQ(peer.next(), positioned(1, 301));
  EXPECT_EQ(fixture_->count(Counter::dropped_backpressure), 0u);
  EXPECT_EQ(fixture_->count(Counter::dropped_notices), 0u);
}

TEST_F(HistoryTest, H10AKeyIsPublishedOnce) {
  start();
  const Peer peer = enter("alice");
  join(peer);
  const PublishResult first = publish(1, kRoom, {}, "k");
  const PublishResult second = publish(1, kRoom, {}, "k");
  EXPECT_FALSE(first.repeated);
  EXPECT_TRUE(second.repeated);
  EXPECT_EQ(first.position, second.position);
  publish(1);
  EXPECT_EQ(peer.next(), positioned(1, 1));
  EXPECT_EQ(peer.next(), positioned(3, 2));
  EXPECT_EQ(server().send({.destination = "lobby", .event = "n", .data = kOne, .key = "k"}),
            Errc::invalid_text);
}

TEST_F(HistoryTest, AnEncryptedClientGetsPositionsInsideTheCiphertext) {
  start([](ServerOptions& options) { options.encryption = ecdh(); });
  EcdhClient keys;
  Peer peer;
  peer.socket = fixture_->connect();
  peer.socket->send_text(R"({"event":"authenticate","data":{"token":"a","publicKey":")" +
                         keys.public_key() + R"("},"ext":{"positions":1}})");
  EXPECT_TRUE(keys.learn_from(peer.next()));
  peer.socket->send_text(R"({"event":"join","data":{"rooms":["orders-1"]},"id":1})");
  EXPECT_NE(keys.open(peer.next()).value_or("").find(R"("orders-1":{"offset":0)"),
            std::string::npos);
  publish(1);
  EXPECT_EQ(keys.open(peer.next()), positioned(1, 1));
}

TEST_F(HistoryTest, OptionsThatCannotBeAreNamed) {
  ServerOptions options;
  options.broker = memory_broker();
  options.hooks.authenticate = [](const AuthenticateRequest&) { return std::optional<Identity>(); };
  options.history = {{.match = "a*b"}, {.match = ""}, {.match = "x", .limits = {.size = 0}}};
  const auto faults = options.validate();
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0], "history: \"\" is neither a room nor a pattern.");
  EXPECT_EQ(faults[1], "history: \"x\": size must be 1 to 100000.");
}

}  // namespace
}  // namespace wscast
