#include "bench/dialect.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using State = Dialect::State;

const Credentials kAlice{.token = R"("alice")", .members = R"("device":"tv")"};

TEST(DialectTest, WscastGreetsByAuthenticate) {
  const auto dialect = make_dialect("wscast");
  EXPECT_EQ(dialect->on_open(kAlice),
            R"({"event":"authenticate","data":{"token":"alice","device":"tv"}})");
  EXPECT_EQ(dialect->greet(R"({"event":"connected","data":{}})", kAlice).state, State::connected);
  EXPECT_EQ(dialect->greet(R"({"event":"error","data":{}})", kAlice).state, State::refused);
  EXPECT_EQ(dialect->greet(R"({"event":"news"})", kAlice).state, State::waits);
  EXPECT_EQ(dialect->join("a\"b"), R"({"event":"join","data":{"rooms":["a\"b"]}})");
}

TEST(DialectTest, WscastPublishesAndEchoes) {
  const auto dialect = make_dialect("wscast");
  EXPECT_EQ(dialect->publish("r", "pub", "text"),
            R"({"event":"pub","data":{"room":"r","event":"b","data":"text"}})");
  EXPECT_EQ(dialect->echo("r", "publish", "text"),
            R"({"event":"publish","data":{"room":"r","event":"b","data":"text","echo":true}})");
  EXPECT_EQ(dialect->echo("r", "echo", "text"), R"({"event":"echo","data":"text"})");
}

TEST(DialectTest, SocketIoConnectsToItsNamespaceAndAnswersPings) {
  const auto dialect = make_dialect("socket.io");
  EXPECT_EQ(dialect->on_open(kAlice), "");
  const auto first = dialect->greet(R"(0{"sid":"x"})", kAlice);
  EXPECT_EQ(first.state, State::waits);
  EXPECT_EQ(first.reply, R"(40{"token":"alice","device":"tv"})");
  EXPECT_EQ(dialect->greet(R"(40{"sid":"y"})", kAlice).state, State::connected);
  EXPECT_EQ(dialect->greet(R"(44{"message":"no"})", kAlice).state, State::refused);
  EXPECT_EQ(dialect->reply_to_ping("2"), "3");
  EXPECT_EQ(dialect->reply_to_ping("42[]"), "");
  EXPECT_EQ(dialect->publish("r", "pub", "text"),
            R"(42["pub",{"room":"r","event":"b","data":"text"}])");
}

TEST(DialectTest, NatsConnectsAndAnswersPings) {
  const auto dialect = make_dialect("nats");
  const auto first = dialect->greet("INFO {}\r\n", kAlice);
  EXPECT_EQ(first.reply,
            "CONNECT {\"verbose\":false,\"pedantic\":false,\"auth_token\":\"alice\"}\r\nPING\r\n");
  EXPECT_EQ(dialect->greet("PONG\r\n", kAlice).state, State::connected);
  EXPECT_EQ(dialect->greet("-ERR 'no'\r\n", kAlice).state, State::refused);
  EXPECT_EQ(dialect->reply_to_ping("PING\r\n"), "PONG\r\n");
  EXPECT_EQ(dialect->join("r"), "SUB r 1\r\n");
  EXPECT_EQ(dialect->publish("r", "", "text"), "PUB r 4\r\ntext\r\n");
}

/// NATS may put several messages into one of the WebSocket.
TEST(DialectTest, NatsMessagesAreSeparated) {
  const auto dialect = make_dialect("nats");
  const std::string first = "MSG r 1 6\r\na\r\nb\r\n\r\n";
  EXPECT_EQ(dialect->first_size(first + "PING\r\n"), first.size());
  EXPECT_EQ(dialect->first_size("PING\r\n" + first), 6u);
  EXPECT_EQ(dialect->first_size("MSG r 1 100\r\nshort"), 18u);
  EXPECT_EQ(dialect->first_size("no end"), 6u);
  EXPECT_EQ(make_dialect("wscast")->first_size(first), first.size());
}

TEST(DialectTest, RawSendsNothingButTheText) {
  const auto dialect = make_dialect("raw");
  EXPECT_FALSE(dialect->greets());
  EXPECT_EQ(dialect->echo("r", "publish", "text"), "text");
  EXPECT_EQ(dialect->heartbeat(), "");
}

TEST(DialectTest, ThereIsNoOther) {
  EXPECT_THROW(make_dialect("mqtt"), std::invalid_argument);
}

}  // namespace
}  // namespace wscast::program
