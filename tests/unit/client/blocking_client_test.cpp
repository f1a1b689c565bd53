#include "client/blocking_client.h"

#include <gtest/gtest.h>

#include "support/scripted_server.h"

namespace wscast::client {
namespace {

using namespace std::chrono_literals;
using Kind = Event::Kind;
using Peers = std::vector<std::unique_ptr<Peer>>;

TEST(BlockingClient, UpgradesWithTheTargetAndHeadersAskedFor) {
  std::string request;
  BlockingClient client;
  {
    ScriptedServer server([&request](Peers& peers) { request = peers[0]->accept_upgrade(); });
    ASSERT_FALSE(client.connect(server.endpoint(), "/chat?x=1", {{"Sec-WebSocket-Protocol", "a"}}));
  }
  EXPECT_TRUE(request.starts_with("GET /chat?x=1 HTTP/1.1\r\nHost: 127.0.0.1:")) << request;
  EXPECT_NE(request.find("\r\nSec-WebSocket-Protocol: a\r\n"), std::string::npos) << request;
  EXPECT_EQ(client.response().status, 101);
}

TEST(BlockingClient, ShowsARefusalAndItsBody) {
  ScriptedServer server([](Peers& peers) {
    peers[0]->read_head();
    peers[0]->send("HTTP/1.1 426 No\r\nSec-WebSocket-Version: 13\r\n\r\nbody");
  });
  BlockingClient client;
  EXPECT_EQ(client.connect(server.endpoint()), std::errc::connection_refused);
  EXPECT_EQ(client.response().status, 426);
  EXPECT_EQ(client.response().header("sec-websocket-version"), "13");
  EXPECT_EQ(client.receive_raw_all(), "body");
}

TEST(BlockingClient, ReadsFramesThatCameWithTheUpgrade) {
  ScriptedServer server([](Peers& peers) {
    peers[0]->accept_upgrade(frame(ws::Opcode::text, "a") + frame(ws::Opcode::binary, "b"));
  });
  BlockingClient client;
  ASSERT_FALSE(client.connect(server.endpoint()));
  EXPECT_EQ(client.receive(), (Event{.kind = Kind::text, .payload = "a"}));
  EXPECT_EQ(client.receive(), (Event{.kind = Kind::binary, .payload = "b"}));
  EXPECT_EQ(client.receive().kind, Kind::end);
}

TEST(BlockingClient, ReportsEveryKindOfFrame) {
  ScriptedServer server([](Peers& peers) {
    peers[0]->accept_upgrade();
    peers[0]->send(frame(ws::Opcode::text, "Hel", false) + frame(ws::Opcode::ping, "p") +
                   frame(ws::Opcode::continuation, "lo") + frame(ws::Opcode::pong, "q") +
                   frame(ws::Opcode::close,
                         "\x0f\xa1"
                         "bye"));
  });
  BlockingClient client;
  ASSERT_FALSE(client.connect(server.endpoint()));
  EXPECT_EQ(client.receive(), (Event{.kind = Kind::ping, .payload = "p"}));
  EXPECT_EQ(client.receive(), (Event{.kind = Kind::text, .payload = "Hello"}));
  EXPECT_EQ(client.receive(), (Event{.kind = Kind::pong, .payload = "q"}));
  EXPECT_EQ(client.receive(), (Event{.kind = Kind::close, .payload = "bye", .code = 4001}));
}

TEST(BlockingClient, ReportsWhenTheServerBreaksTheProtocol) {
  ScriptedServer server([](Peers& peers) {
    peers[0]->accept_upgrade();
    peers[0]->send(frame(ws::Opcode::continuation, "x"));
  });
  BlockingClient client;
  ASSERT_FALSE(client.connect(server.endpoint()));
  EXPECT_EQ(client.receive().kind, Kind::failure);
}

TEST(BlockingClient, SendsMessagesFramesAndRawBytes) {
  std::vector<std::string> seen;
  {
    ScriptedServer server([&seen](Peers& peers) {
      peers[0]->accept_upgrade();
      while (seen.size() < 6) seen.push_back(peers[0]->read_message());
    });
    BlockingClient client;
    ASSERT_FALSE(client.connect(server.endpoint()));
    EXPECT_TRUE(client.send_text("t"));
    EXPECT_TRUE(client.send_binary("b"));
    EXPECT_TRUE(client.send_frame(ws::Opcode::text, "1", false));
    EXPECT_TRUE(client.send_frame(ws::Opcode::continuation, "2"));
    EXPECT_TRUE(client.send_close(1000, "bye"));
    EXPECT_TRUE(client.send_raw(std::string_view("\x89\x80\0\0\0\0", 6)));
    client.shutdown_write();
    EXPECT_EQ(client.receive().kind, Kind::end);
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"text:t", "binary:b", "text:12", "close:bye",
                                            "ping:", "end"}));
}

TEST(BlockingClient, ResetsTheConnection) {
  std::string seen;
  {
    ScriptedServer server([&seen](Peers& peers) {
      peers[0]->accept_upgrade();
      seen = peers[0]->read_message();
    });
    BlockingClient client;
    ASSERT_FALSE(client.connect(server.endpoint()));
    client.reset();
  }
  EXPECT_EQ(seen, "reset");
}

TEST(BlockingClient, ReportsAReset) {
  ScriptedServer server([](Peers& peers) {
    peers[0]->accept_upgrade();
    peers[0]->read_message();
    peers[0]->reset();
  });
  BlockingClient client;
  ASSERT_FALSE(client.connect(server.endpoint()));
  client.send_text("go");
  EXPECT_EQ(client.receive().kind, Kind::reset);
}

TEST(BlockingClient, GivesUpAtItsDeadline) {
  ScriptedServer server([](Peers& peers) {
    peers[0]->accept_upgrade();
    peers[0]->read_message();
  });
  BlockingClient client;
  ASSERT_FALSE(client.connect(server.endpoint()));
  EXPECT_EQ(client.receive(10ms).kind, Kind::timeout);
  EXPECT_EQ(client.receive_raw(10ms), "");
  client.close();
}

TEST(BlockingClient, SpeaksPlainHttp) {
  ScriptedServer server([](Peers& peers) {
    peers[0]->read_head();
    peers[0]->send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    peers[0]->shutdown_write();
  });
  BlockingClient client;
  ASSERT_FALSE(client.open(server.endpoint()));
  EXPECT_TRUE(client.send_raw("GET /health HTTP/1.1\r\nHost: a\r\n\r\n"));
  ASSERT_FALSE(client.read_response());
  EXPECT_EQ(client.response().status, 200);
  EXPECT_EQ(client.receive_raw_all(), "ok");
}

TEST(BlockingClient, ReportsThatNoServerListens) {
  Endpoint endpoint;
  {
    ScriptedServer server([](Peers&) {}, 0);
    endpoint = server.endpoint();
  }
  EXPECT_EQ(BlockingClient().connect(endpoint), std::errc::connection_refused);
}

}  // namespace
}  // namespace wscast::client
