#include "client/client_authentication.h"

#include <deque>
#include <stdexcept>

#include <gtest/gtest.h>

#include "unit/client/client_world.h"

namespace wscast::client {
namespace {

using namespace std::chrono_literals;
using Texts = ClientWorld::Texts;

/// Hands out these tokens; `!` throws.
std::function<std::string()> tokens(std::deque<std::string> given) {
  return [given = std::move(given)]() mutable {
    if (given.empty()) throw std::logic_error("asked too often");
    const std::string token = given.front();
    given.pop_front();
    if (token == "!") throw std::runtime_error("no network");
    return token;
  };
}

std::string authenticate(const std::string& token) {
  return R"({"event":"authenticate","data":{"token":")" + token +
         R"("},"ext":{"positions":1},"id":"authenticate"})";
}

std::string renewal(const std::string& token) {
  return R"({"event":"authenticate","data":{"token":")" + token + R"("},"id":"renew"})";
}

void reject(ClientWorld& world, const std::string& words) {
  world.session->on_open();
  world.receive("error", R"({"message":")" + words + "\"}");
  world.end(4003, words);
}

TEST(ClientAuthentication, O4ARejectedTokenIsNotSentAgainAnotherOneIs) {
  ClientWorld world;
  world.options.token = tokens({"old", "new", "new"});
  world.start();
  reject(world, "Authentication failed");
  EXPECT_EQ(world.states.back(), "waiting 1000");
  world.tick(1s);
  EXPECT_EQ(world.admit(), authenticate("new"));
  reject(world, "Authentication failed");
  world.tick(2s);
  EXPECT_EQ(world.states.back(), "closed: not authenticated: Authentication failed");
  EXPECT_EQ(world.connections, 2);
}

TEST(ClientAuthentication, O4WithoutATokenARejectionEndsTheClient) {
  ClientWorld world;
  world.options.token = nullptr;
  world.start();
  reject(world, "Authentication failed");
  EXPECT_EQ(world.states.back(), "closed: not authenticated: the end");
}

TEST(ClientAuthentication, O5AServerThatCannotAskItsBackendMayBeAskedAgain) {
  ClientWorld world;
  world.start();
  reject(world, "Authentication error");
  world.tick(1s);
  EXPECT_EQ(world.admit(), authenticate("alice"));
  EXPECT_EQ(world.states.back(), "connected");
}

TEST(ClientAuthentication, ATokenThatCannotBeHadIsAskedForAgain) {
  ClientWorld world;
  world.options.token = tokens({"!", "good"});
  world.start();
  EXPECT_EQ(world.connections, 0);
  EXPECT_EQ(world.states, (Texts{"connecting", "waiting 1000"}));
  EXPECT_EQ(world.errors, Texts{"disconnected: no network"});
  world.tick(1s);
  EXPECT_EQ(world.admit(), authenticate("good"));
}

TEST(ClientAuthentication, X4ATokenIsRenewedWhenTheServerSaysThatItExpired) {
  ClientWorld world;
  world.options.token = tokens({"token-1", "token-2", "token-3"});
  world.start_connected();
  const auto expire = [&] {
    world.receive("error", R"({"message":"Token expired"})", "", ",\"server\":true");
  };
  expire();
  expire();
  EXPECT_EQ(world.take(), Texts{renewal("token-2")});
  world.receive("connected", R"({"id":"client-1"})", "\"renew\"");
  expire();
  EXPECT_EQ(world.take(), Texts{renewal("token-3")});
  EXPECT_EQ(world.states, (Texts{"connecting", "connected"}));
}

TEST(ClientAuthentication, X4ARenewalThatFailsIsTriedAgain) {
  ClientWorld world;
  world.options.token = tokens({"old", "!", "old", "new", "newer"});
  world.start_connected();
  world.receive("error", R"({"message":"Token expired"})", "", ",\"server\":true");
  EXPECT_EQ(world.errors, (Texts{"disconnected: no network", "server: Token expired"}));
  world.tick(5s);
  EXPECT_EQ(world.take(), Texts{});
  world.tick(5s);
  EXPECT_EQ(world.take(), Texts{renewal("new")});
  world.receive("error", R"({"message":"Rate limit exceeded"})", "\"renew\"");
  world.tick(5s);
  EXPECT_EQ(world.take(), Texts{renewal("newer")});
  world.receive("error", R"({"message":"Already authenticated"})", "\"renew\"");
  world.tick(5s);
  EXPECT_EQ(world.take(), Texts{});
}

}  // namespace
}  // namespace wscast::client
