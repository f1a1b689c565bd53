#include "client/swarm.h"

#include <netinet/in.h>

#include <map>

#include <gtest/gtest.h>

#include "support/scripted_server.h"

namespace wscast::client {
namespace {

using namespace std::chrono_literals;
using Peers = std::vector<std::unique_ptr<Peer>>;

struct Recorder final : Swarm::Handler {
  std::map<std::size_t, std::vector<std::string>> seen;
  std::size_t opened = 0;
  std::size_t closed = 0;

  void on_open(std::size_t index) override {
    seen[index].emplace_back("open");
    ++opened;
  }
  void on_message(std::size_t index, std::string_view message) override {
    seen[index].emplace_back(message);
  }
  void on_closed(std::size_t index, std::string_view cause) override {
    seen[index].emplace_back(cause);
    ++closed;
  }
};

template <class Done>
void run_until(Swarm& swarm, Done done) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!done() && std::chrono::steady_clock::now() < deadline) swarm.run_once(100ms);
  EXPECT_TRUE(done());
}

Swarm::Options options(const ScriptedServer& server, std::size_t connections) {
  return {.url = {.endpoint = server.endpoint(), .target = "/ws"}, .connections = connections};
}

using Seen = std::vector<std::string>;

TEST(Swarm, ReadsTheMessagesOfEveryConnection) {
  constexpr std::size_t kConnections = 20;
  ScriptedServer server(
      [](Peers& peers) {
        for (auto& peer : peers) peer->accept_upgrade(frame(ws::Opcode::text, "with the upgrade"));
        for (auto& peer : peers) {
          peer->send(frame(ws::Opcode::text, "1") + frame(ws::Opcode::binary, "2"));
        }
        for (auto& peer : peers) peer->read_message();
      },
      kConnections);
  Recorder recorder;
  {
    Swarm swarm(options(server, kConnections), recorder);
    run_until(swarm, [&] {
      std::size_t whole = 0;
      for (const auto& [index, seen] : recorder.seen) whole += seen.size() == 4 ? 1 : 0;
      return whole == kConnections;
    });
    EXPECT_EQ(swarm.open_count(), kConnections);
  }
  for (std::size_t i = 0; i < kConnections; ++i) {
    EXPECT_EQ(recorder.seen[i], (Seen{"open", "with the upgrade", "1", "2"}));
  }
}

TEST(Swarm, LimitsHowManyConnectAtOnce) {
  Socket listener(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  ::listen(listener.fd(), 8);  // Unbound: the kernel picks a port, on all addresses.
  sockaddr_in name{};
  socklen_t size = sizeof(name);
  ::getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&name), &size);
  Recorder recorder;
  Swarm swarm({.url = {.endpoint = {.host = "127.0.0.1", .port = ntohs(name.sin_port)}},
               .connections = 5,
               .max_connecting = 2},
              recorder);
  for (int i = 0; i < 3; ++i) swarm.run_once(10ms);
  std::vector<Socket> accepted;
  for (int fd = 0; (fd = ::accept(listener.fd(), nullptr, nullptr)) >= 0;)
    accepted.emplace_back(fd);
  EXPECT_EQ(accepted.size(), 2u);
}

TEST(Swarm, SendsFromInsideAndOutsideTheHandler) {
  std::vector<std::string> read;
  struct Replier final : Swarm::Handler {
    Swarm* swarm = nullptr;
    bool closed = false;
    void on_open(std::size_t index) override { swarm->send_text(index, "opened"); }
    void on_message(std::size_t index, std::string_view message) override {
      swarm->send_text(index, std::string("re:").append(message));
    }
    void on_closed(std::size_t, std::string_view) override { closed = true; }
  } replier;
  {
    ScriptedServer server([&read](Peers& peers) {
      peers[0]->accept_upgrade();
      read.push_back(peers[0]->read_message());
      peers[0]->send(frame(ws::Opcode::text, "a") + frame(ws::Opcode::ping, "p"));
      for (int i = 0; i < 3; ++i) read.push_back(peers[0]->read_message());
      peers[0]->send(frame(ws::Opcode::close, "\x03\xe8"));
      read.push_back(peers[0]->read_message());
    });
    Swarm swarm(options(server, 1), replier);
    replier.swarm = &swarm;
    run_until(swarm, [&] { return swarm.open_count() == 1; });
    swarm.run_once(10s);
    swarm.send_text(0, "outside");
    run_until(swarm, [&] { return replier.closed; });
  }
  EXPECT_EQ(read, (Seen{"text:opened", "text:re:a", "pong:p", "text:outside", "close:"}));
}

TEST(Swarm, SendsWhatTheKernelDidNotTakeAtOnce) {
  const std::string big(8 << 20, 'x');
  std::size_t read = 0;
  Recorder recorder;
  {
    ScriptedServer server([&](Peers& peers) {
      peers[0]->accept_upgrade();
      for (int i = 0; i < 8; ++i) read += peers[0]->read_message().size();
    });
    Swarm swarm(options(server, 1), recorder);
    run_until(swarm, [&] { return recorder.opened == 1; });
    for (int i = 0; i < 8; ++i) swarm.send_text(0, std::string_view(big).substr(0, 1 << 20));
    run_until(swarm, [&] { return recorder.closed == 1; });
  }
  EXPECT_EQ(read, 8 * ((1u << 20) + std::string_view("text:").size()));
}

TEST(Swarm, ReportsWhyAConnectionClosed) {
  Recorder recorder;
  ScriptedServer server([](Peers& peers) {
    peers[0]->read_head();
    peers[0]->send("HTTP/1.1 503 No\r\n\r\n");
  });
  Swarm swarm(options(server, 1), recorder);
  run_until(swarm, [&] { return recorder.closed == 1; });
  EXPECT_EQ(recorder.seen[0], (Seen{"upgrade refused"}));
}

TEST(Swarm, ReportsThatConnectingFailed) {
  Swarm::Options nobody;
  {
    ScriptedServer server([](Peers&) {}, 0);
    nobody = options(server, 3);
  }
  Recorder recorder;
  Swarm swarm(nobody, recorder);
  run_until(swarm, [&] { return recorder.closed == 3; });
  EXPECT_EQ(recorder.seen[2], (Seen{"connecting failed"}));
  EXPECT_EQ(swarm.open_count(), 0u);
}

TEST(Swarm, ClosesWhenAsked) {
  Recorder recorder;
  ScriptedServer server([](Peers& peers) {
    peers[0]->accept_upgrade();
    peers[0]->read_message();
  });
  Swarm swarm(options(server, 1), recorder);
  run_until(swarm, [&] { return recorder.opened == 1; });
  swarm.close(0);
  run_until(swarm, [&] { return recorder.closed == 1; });
  EXPECT_EQ(recorder.seen[0], (Seen{"open", "closed by us"}));
}

TEST(Swarm, ConnectsAnewToAnotherServer) {
  const auto greet = [](std::string name) {
    return [name](Peers& peers) {
      peers[0]->accept_upgrade(frame(ws::Opcode::text, name));
      peers[0]->read_message();
    };
  };
  Recorder recorder;
  ScriptedServer first(greet("first"));
  ScriptedServer second(greet("second"));
  Swarm swarm(options(first, 1), recorder);
  run_until(swarm, [&] { return recorder.seen[0].size() == 2; });
  swarm.close(0);
  run_until(swarm, [&] { return recorder.closed == 1; });
  swarm.reconnect(0, {.endpoint = second.endpoint(), .target = "/ws"});
  run_until(swarm, [&] { return recorder.seen[0].size() == 5; });
  EXPECT_EQ(recorder.seen[0], (Seen{"open", "first", "closed by us", "open", "second"}));
  swarm.close(0);
  run_until(swarm, [&] { return recorder.closed == 2; });
}

}  // namespace
}  // namespace wscast::client
