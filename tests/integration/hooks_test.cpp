// Hooks in each spelling: result at once, later, on another thread, twice, never, too late; and
// those that throw.

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/owned_request.h"

#include "integration/remote.h"
#include "integration/server_fixture.h"

namespace wscast {
namespace {

enum class Spelling { returns, replies, replies_elsewhere };

/// A hook that returns what `answer` does, in that spelling.
template <class Request, class Answer>
Hook<Request, Answer> spelled(Spelling spelling, Elsewhere& elsewhere,
                              std::function<Answer(const Request&)> answer) {
  if (spelling == Spelling::returns) return answer;
  const auto reply_to = [answer](const Request& request, const Reply<Answer>& reply) {
    if constexpr (std::is_void_v<Answer>) {
      answer(request);
      reply();
    } else {
      reply(answer(request));
    }
  };
  if (spelling == Spelling::replies) return reply_to;
  return [&elsewhere, reply_to](const Request& request, Reply<Answer> reply) {
    auto kept = std::make_shared<OwnedRequest<Request>>(request);
    elsewhere.post([kept, reply_to, reply] { reply_to(**kept, reply); });
  };
}

class Spellings : public testing::TestWithParam<Spelling> {
 protected:
  template <class Request, class Answer>
  Hook<Request, Answer> hook(std::function<Answer(const Request&)> answer) {
    return spelled<Request, Answer>(GetParam(), elsewhere_, answer);
  }

  Elsewhere elsewhere_;
};

// shows: A-type-ValueOrPromise, A-type-TWebSocketAuthenticateFn, A-type-TWebSocketValidateRoomFn,
//   A-type-TWebSocketClientConnectedFn, A-type-TWebSocketClientDisconnectedFn,
//   A-type-TWebSocketMessageHandler, A-option-clientConnectedFn, A-type-IWebSocketMessage,
//   M4, M7, M9, O16, A-option-clientDisconnectedFn
TEST_P(Spellings, AllGetTheSameAndReturnTheSame) {
  std::atomic<int> disconnected = 0;
  ServerFixture* with = nullptr;
  ServerFixture fixture(3, [&](ServerOptions& options) {
    options.hooks.authenticate = hook<AuthenticateRequest, std::optional<Identity>>(
        [](const AuthenticateRequest& request) -> std::optional<Identity> {
          EXPECT_EQ(request.client_id.size(), 36u);
          EXPECT_EQ(request.data.view(), R"({"token":"t"})");
          return Identity{.user_id = "alice", .metadata = Metadata::of(7)};
        });
    options.hooks.connected = hook<ClientEvent, void>([&](const ClientEvent& event) {
      EXPECT_EQ(event.user_id, "alice");
      EXPECT_EQ(*event.metadata.get<int>(), 7);
      with->server().send_to_client({.client_id = event.client_id, .event = "welcome"});
    });
    options.hooks.validate_rooms = hook<ValidateRoomsRequest, std::vector<std::string>>(
        [](const ValidateRoomsRequest& request) -> std::vector<std::string> {
          EXPECT_EQ(request.user_id, "alice");
          EXPECT_EQ(request.rooms.size(), 2u);
          return {"mapped-" + request.rooms[0]};
        });
    options.hooks.message = hook<ClientMessage, void>([&](const ClientMessage& message) {
      EXPECT_EQ(message.user_id, "alice");
      EXPECT_EQ(message.data.view(), "[1, 2]");
      EXPECT_EQ(message.id.view(), R"("m1")");
      EXPECT_EQ(*message.metadata.get<int>(), 7);
      with->server().send_to_room({.room = "mapped-a", .event = message.event});
    });
    options.hooks.disconnected = hook<ClientEvent, void>([&](const ClientEvent& event) {
      EXPECT_EQ(event.user_id, "alice");
      EXPECT_EQ(*event.metadata.get<int>(), 7);
      EXPECT_FALSE(with->server().get_client(event.client_id));
      ++disconnected;
    });
  });
  with = &fixture;
  Peer peer;
  peer.socket = fixture.authenticate("t", &peer.id);
  EXPECT_EQ(fixture.server().get_client(peer.id)->user_id, "alice");
  peer.send("join", R"({"rooms":["a","ws:b","c"]})");
  EXPECT_TRUE(peer.socket->send_text(R"({"event":"say","data":[1, 2],"id":"m1"})"));
  std::vector<std::string> heard = {peer.next(), peer.next()};
  EXPECT_EQ(heard.back(), R"({"event":"say"})");
  EXPECT_EQ(heard.front(), R"({"event":"welcome"})");
  peer.socket->close();
  ServerFixture::await([&] { return disconnected == 1; });
}

TEST_P(Spellings, O4NulloptRejectsTheClient) {
  ServerFixture fixture(1, [&](ServerOptions& options) {
    options.hooks.authenticate = hook<AuthenticateRequest, std::optional<Identity>>(
        [](const AuthenticateRequest&) { return std::nullopt; });
  });
  const auto socket = fixture.connect();
  socket->send_text(R"({"event":"authenticate"})");
  EXPECT_EQ(socket->receive().payload, error_message("Authentication failed"));
  EXPECT_EQ(socket->receive().code, 4003);
}

/// Throws, from inside the hook or by its reply.
template <class Request, class Answer>
Hook<Request, Answer> throwing(Spelling spelling, Elsewhere& elsewhere) {
  if (spelling == Spelling::returns) {
    return [](const Request&) -> Answer { throw std::runtime_error("boom"); };
  }
  if (spelling == Spelling::replies) {
    return [](const Request&, const Reply<Answer>&) { throw std::runtime_error("boom"); };
  }
  return [&elsewhere](const Request&, Reply<Answer> reply) {
    elsewhere.post([reply] { EXPECT_TRUE(reply.fail("boom")); });
  };
}

TEST_P(Spellings, O18AHookThatThrowsIsCountedAndTheClientStays) {
  ServerFixture fixture(3, [&](ServerOptions& options) {
    options.hooks.connected = throwing<ClientEvent, void>(GetParam(), elsewhere_);
    options.hooks.disconnected = throwing<ClientEvent, void>(GetParam(), elsewhere_);
    options.hooks.message = throwing<ClientMessage, void>(GetParam(), elsewhere_);
    options.hooks.validate_rooms =
        throwing<ValidateRoomsRequest, std::vector<std::string>>(GetParam(), elsewhere_);
  });
  const auto failures = [&](std::uint64_t count) {
    ServerFixture::await([&] { return fixture.count(Counter::hook_failures) == count; });
  };
  const Peer peer = fixture.peer("alice");
  failures(1);
  peer.send("message");
  failures(2);
  peer.send("join", R"({"rooms":["lobby"]})");
  failures(3);
  EXPECT_FALSE(fixture.server().in_room(peer.id, "lobby"));
  peer.socket->send_text("nonsense");
  EXPECT_EQ(peer.next(), error_message("Invalid message format"));
  peer.socket->close();
  failures(4);
  EXPECT_EQ(fixture.server().client_count(), 0u);
}

TEST_P(Spellings, O5AnAuthenticateHookThatThrowsEndsTheClient) {
  ServerFixture fixture(1, [&](ServerOptions& options) {
    options.hooks.authenticate =
        throwing<AuthenticateRequest, std::optional<Identity>>(GetParam(), elsewhere_);
  });
  const auto socket = fixture.connect();
  socket->send_text(R"({"event":"authenticate"})");
  EXPECT_EQ(socket->receive().payload, error_message("Authentication error"));
  EXPECT_EQ(socket->receive(),
            (client::Event{client::Event::Kind::close, "Authentication failed", 4003}));
  EXPECT_EQ(fixture.count(Counter::hook_failures), 1u);
}

std::string name_of(const testing::TestParamInfo<Spelling>& how) {
  constexpr std::array<const char*, 3> names = {"returns", "replies", "elsewhere"};
  return names[static_cast<std::size_t>(how.param)];
}

INSTANTIATE_TEST_SUITE_P(How, Spellings,
                         testing::Values(Spelling::returns, Spelling::replies,
                                         Spelling::replies_elsewhere),
                         name_of);

TEST(Hooks, ASlowOneIsCounted) {
  ServerFixture fixture(1, [](ServerOptions& options) {
    options.hooks.message = [](const ClientMessage&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(60));
    };
  });
  const Peer peer = fixture.peer("alice");
  EXPECT_EQ(fixture.count(Counter::slow_hooks), 0u);
  peer.send("x");
  ServerFixture::await([&] { return fixture.count(Counter::slow_hooks) == 1; });
}

}  // namespace
}  // namespace wscast
