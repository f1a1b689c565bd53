#include "client/single_client.h"

#include <array>
#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/scripted_server.h"

namespace wscast::client {
namespace {

using namespace std::chrono_literals;
using Peers = std::vector<std::unique_ptr<Peer>>;

struct SingleRecorder final : Connection::Handler {
  std::vector<std::string> seen;

  void on_open() override { seen.emplace_back("open"); }
  void on_message(std::string_view message) override { seen.emplace_back(message); }
};

template <class Done>
void run_until(SingleClient& client, Done done) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!done() && std::chrono::steady_clock::now() < deadline) client.run_once(100ms);
  EXPECT_TRUE(done());
}

SingleClient::Options options(const Endpoint& endpoint) {
  return {.url = {.endpoint = endpoint, .target = "/ws"}, .max_payload = 1'000};
}

using Seen = std::vector<std::string>;

TEST(SingleClient, SendsAndReadsMessagesAndPings) {
  ScriptedServer server([](Peers& peers) {
    peers[0]->accept_upgrade(frame(ws::Opcode::text, "with the upgrade"));
    EXPECT_EQ(peers[0]->read_message(), "text:hello");
    EXPECT_EQ(peers[0]->read_message(), "ping:");
    peers[0]->send(frame(ws::Opcode::text, "bye"));
    EXPECT_EQ(peers[0]->read_message(), "close:");
  });
  SingleRecorder recorder;
  SingleClient client(options(server.endpoint()), recorder);
  EXPECT_TRUE(client.closed());
  client.connect();
  run_until(client, [&] { return recorder.seen.size() == 2; });
  EXPECT_TRUE(client.open());
  client.send_text("hello");
  client.send_ping();
  run_until(client, [&] { return recorder.seen.size() == 3; });
  EXPECT_EQ(recorder.seen, (Seen{"open", "with the upgrade", "bye"}));
  client.close(1000);
  EXPECT_TRUE(client.closed());
}

TEST(SingleClient, KeepsWhatTheServerSaidAtTheEnd) {
  ScriptedServer server([](Peers& peers) {
    peers[0]->accept_upgrade();
    peers[0]->send(frame(ws::Opcode::close, std::string("\x0f\xa3no\x1b", 5)));
    peers[0]->read_message();
  });
  SingleRecorder recorder;
  SingleClient client(options(server.endpoint()), recorder);
  client.connect();
  run_until(client, [&] { return client.closed(); });
  EXPECT_EQ(client.close_code(), 4003);
  EXPECT_EQ(client.close_reason(), "no\x1b");
  EXPECT_EQ(client.end_text().find('\x1b'), std::string::npos) << client.end_text();
}

TEST(SingleClient, KeepsTheStatusOfAResponseThatIsNoUpgrade) {
  ScriptedServer server([](Peers& peers) {
    peers[0]->read_head();
    peers[0]->send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
  });
  SingleRecorder recorder;
  SingleClient client(options(server.endpoint()), recorder);
  client.connect();
  run_until(client, [&] { return client.closed(); });
  EXPECT_EQ(client.response_status(), 503);
  EXPECT_EQ(client.end_text(), "the server responded 503 to the upgrade");
}

TEST(SingleClient, AMessageOverTheLimitEndsTheConnection) {
  ScriptedServer server([](Peers& peers) {
    peers[0]->accept_upgrade();
    peers[0]->send(frame(ws::Opcode::text, std::string(1'001, 'x')));
    peers[0]->read_message();
  });
  SingleRecorder recorder;
  SingleClient client(options(server.endpoint()), recorder);
  client.connect();
  run_until(client, [&] { return client.closed(); });
  EXPECT_EQ(recorder.seen, Seen{"open"});
}

TEST(SingleClient, TriesEachAddressOfTheHost) {
  ScriptedServer server([](Peers& peers) {  // At 127.0.0.1 only.
    peers[0]->accept_upgrade();
    peers[0]->read_message();
  });
  Endpoint endpoint = server.endpoint();
  endpoint.host = "localhost";
  SingleRecorder recorder;
  SingleClient client(options(endpoint), recorder);
  client.connect();
  run_until(client, [&] { return client.open(); });
}

TEST(SingleClient, SaysWhyItCannotConnectAndMayTryAgain) {
  SingleRecorder recorder;
  SingleClient client(options({.host = "127.0.0.1", .port = 1}), recorder);
  for (int i = 0; i < 2; ++i) {
    client.connect();
    run_until(client, [&] { return client.closed(); });
    EXPECT_EQ(client.end_text(), "Connection refused");
  }
}

TEST(SingleClient, ADescriptorWakesIt) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  SingleRecorder recorder;
  SingleClient client(options({.host = "127.0.0.1", .port = 1}), recorder);
  const auto start = std::chrono::steady_clock::now();
  client.run_once(60s, ends[0]);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 30s);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace wscast::client
