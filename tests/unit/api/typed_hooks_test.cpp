#include "wscast/typed_hooks.h"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include "wscast/owned_request.h"

#include "outcomes.h"
#include "silent_socket.h"

namespace wscast {
namespace {

/// Made by no default, as a type of an application may be.
struct Login {
  explicit Login(std::string given) : token(std::move(given)) {}
  std::string token;
};

struct Profile {
  explicit Profile(int given) : level(given) {}
  int level;
};

}  // namespace

/// Any text but `bad` and absence; `throw` throws.
template <>
struct codec<Login> {
  static std::optional<Login> decode(Json json) {
    if (!json.present() || json.view() == "bad") return std::nullopt;
    if (json.view() == "throw") throw std::runtime_error("codec");
    return Login(std::string(json.view()));
  }
};

namespace {

using ChatHooks = TypedHooks<Login, Profile>;
using Request = TypedAuthenticateRequest<Login>;
using Answer = std::optional<TypedIdentity<Profile>>;

Answer identity(std::string user_id, int level) {
  return TypedIdentity<Profile>{.user_id = std::move(user_id), .metadata = Profile(level)};
}

AuthenticateHook untyped(decltype(ChatHooks::authenticate) hook) {
  return ChatHooks{.authenticate = std::move(hook)}.untyped().authenticate;
}

const Identity* identity_of(const Outcomes<std::optional<Identity>>& outcomes) {
  return outcomes.answer() && *outcomes.answer() ? &**outcomes.answer() : nullptr;
}

TEST(TypedHooks, NoneStaysNone) {
  const Hooks hooks = ChatHooks{}.untyped();
  EXPECT_FALSE(hooks.authenticate || hooks.handshake || hooks.validate_rooms || hooks.connected ||
               hooks.disconnected || hooks.joined || hooks.left || hooks.room_occupied ||
               hooks.room_vacated || hooks.message || hooks.outbound_transformer);
}

TEST(TypedHooks, AuthenticateTakesAnAuthAndAnswersAMeta) {
  SilentSocket socket;
  const auto hook = untyped([&](const Request& request) {
    EXPECT_EQ(request.client_id, "c");
    EXPECT_EQ(request.socket, &socket);
    return identity(request.data.token, 3);
  });
  EXPECT_TRUE(hook.returning());
  const auto outcomes =
      ask(hook, {.client_id = "c", .data = Json::text("token"), .socket = &socket});
  ASSERT_TRUE(identity_of(outcomes));
  EXPECT_EQ(identity_of(outcomes)->user_id, "token");
  ASSERT_TRUE(identity_of(outcomes)->metadata.get<Profile>());
  EXPECT_EQ(identity_of(outcomes)->metadata.get<Profile>()->level, 3);
}

TEST(TypedHooks, AuthenticateMayRefuse) {
  const auto outcomes =
      ask(untyped([](const Request&) { return std::nullopt; }), {.data = Json::text("token")});
  ASSERT_TRUE(outcomes.answer());
  EXPECT_FALSE(outcomes.answer()->has_value());
}

TEST(TypedHooks, AuthenticateMayAnswerLater) {
  std::optional<Reply<Answer>> later;
  const auto hook = untyped([&](const Request&, Reply<Answer> reply) { later = reply; });
  EXPECT_TRUE(hook.replying());
  const auto outcomes = ask(hook, {.data = Json::text("token")});
  EXPECT_EQ(outcomes.count(), 0u);
  (*later)(identity("u", 4));
  (*later)(std::nullopt);
  later.reset();
  ASSERT_TRUE(identity_of(outcomes));
  EXPECT_EQ(identity_of(outcomes)->user_id, "u");
  EXPECT_EQ(identity_of(outcomes)->metadata.get<Profile>()->level, 4);
}

TEST(TypedHooks, AFailureAndARefusalInAReplyArePassedOn) {
  const AuthenticateRequest request{.data = Json::text("token")};
  const auto failed =
      ask(untyped([](const Request&, Reply<Answer> reply) { reply.fail("why"); }), request);
  ASSERT_TRUE(failed.failed());
  EXPECT_EQ(failed.failed()->what, "why");
  EXPECT_FALSE(failed.failed()->dropped);

  const auto refused =
      ask(untyped([](const Request&, Reply<Answer> reply) { reply(std::nullopt); }), request);
  ASSERT_TRUE(refused.answer());
  EXPECT_FALSE(refused.answer()->has_value());
}

TEST(TypedHooks, ADroppedReplyIsPassedOn) {
  const auto outcomes =
      ask(untyped([](const Request&, Reply<Answer>) {}), {.data = Json::text("token")});
  ASSERT_TRUE(outcomes.failed());
  EXPECT_TRUE(outcomes.failed()->dropped);
}

TEST(TypedHooks, DataThatIsNoAuthIsRefusedWithoutAskingTheHook) {
  int calls = 0;
  const auto returning = untyped([&](const Request&) { return ++calls, identity("u", 1); });
  const auto replying =
      untyped([&](const Request&, Reply<Answer> reply) { ++calls, reply(identity("u", 1)); });
  for (const auto* hook : {&returning, &replying}) {
    for (const Json data : {Json(), Json::text("bad")}) {
      const auto outcomes = ask(*hook, {.data = data});
      ASSERT_TRUE(outcomes.answer());
      EXPECT_FALSE(outcomes.answer()->has_value());
    }
  }
  EXPECT_EQ(calls, 0);
}

TEST(TypedHooks, WhatACodecThrowsIsTheHooks) {
  const AuthenticateRequest request{.data = Json::text("throw")};
  EXPECT_THROW(ask(untyped([](const Request&) { return identity("u", 1); }), request),
               std::runtime_error);
  EXPECT_THROW(ask(untyped([](const Request&, const Reply<Answer>&) {}), request),
               std::runtime_error);
}

TEST(TypedHooks, HandshakeTakesAnAuth) {
  const auto hook = ChatHooks{.handshake =
                                  [](const TypedHandshakeRequest<Login>& request) {
                                    return HandshakeKeys{.server_public_key = request.data.token,
                                                         .salt = std::string(request.client_id) +
                                                                 std::string(request.user_id)};
                                  }}
                        .untyped()
                        .handshake;
  const auto agreed = ask(hook, {.client_id = "c", .user_id = "u", .data = Json::text("token")});
  ASSERT_TRUE(agreed.answer() && *agreed.answer());
  EXPECT_EQ((*agreed.answer())->server_public_key, "token");
  EXPECT_EQ((*agreed.answer())->salt, "cu");

  const auto refused = ask(hook, {.data = Json::text("bad")});
  ASSERT_TRUE(refused.answer());
  EXPECT_FALSE(refused.answer()->has_value());
}

TEST(TypedHooks, OthersSeeTheMetaOfTheClient) {
  std::string heard;
  const auto level = [](const auto& request) {
    return request.meta() ? std::to_string(request.meta()->level) : "none";
  };
  const Hooks hooks = ChatHooks{
      .connected = [&](const TypedClientEvent<Profile>& event) { heard += level(event); },
      .disconnected =
          [&](const TypedClientEvent<Profile>& event, Reply<void> reply) {
            heard += level(event);
            reply();
          },
      .message =
          [&](const TypedClientMessage<Profile>& message) {
            heard += std::string(message.event) + level(message);
          },
      .outbound_transformer =
          [&](const TypedTransformRequest<Profile>& request) {
            return Transformed{.event = level(request), .data = std::string(request.data.view())};
          },
  }
                          .untyped();

  const auto metadata = Metadata::of(Profile(1));
  EXPECT_TRUE(ask(hooks.connected, {.metadata = metadata}).answer());
  EXPECT_TRUE(ask(hooks.disconnected, {}).answer());
  EXPECT_TRUE(ask(hooks.message, {.event = "e", .metadata = metadata}).answer());
  EXPECT_EQ(heard, "1nonee1");

  const auto transformed =
      ask(hooks.outbound_transformer, {.data = Json::text("[]"), .metadata = metadata});
  ASSERT_TRUE(transformed.answer() && *transformed.answer());
  EXPECT_EQ((*transformed.answer())->event, "1");
  EXPECT_EQ((*transformed.answer())->data, "[]");
}

TEST(TypedHooks, MembershipsHaveTheMetaOfTheClientToo) {
  std::string heard;
  const auto note = [&](const TypedMembershipEvent<Profile>& event) {
    heard += std::string(event.room) + std::to_string(event.meta()->level);
  };
  const auto note_room = [&](const RoomEvent& event) { heard += event.room; };
  const Hooks hooks =
      ChatHooks{.joined = note, .left = note, .room_occupied = note_room, .room_vacated = note_room}
          .untyped();
  const auto metadata = Metadata::of(Profile(1));
  EXPECT_TRUE(ask(hooks.joined, {.room = "a", .metadata = metadata}).answer());
  EXPECT_TRUE(ask(hooks.left, {.room = "b", .metadata = metadata}).answer());
  EXPECT_TRUE(ask(hooks.room_occupied, {.room = "c"}).answer());
  EXPECT_TRUE(ask(hooks.room_vacated, {.room = "d"}).answer());
  EXPECT_EQ(heard, "a1b1cd");
}

TEST(TypedHooks, X4AnIdentityMayExpire) {
  const auto hook = untyped([](const Request&) -> Answer {
    return TypedIdentity<Profile>{
        .user_id = "u", .metadata = Profile(1), .expires_in = std::chrono::seconds(7)};
  });
  const auto outcomes = ask(hook, {.data = Json::text("token")});
  ASSERT_TRUE(identity_of(outcomes));
  EXPECT_EQ(identity_of(outcomes)->expires_in, std::chrono::milliseconds(7'000));
}

TEST(TypedHooks, MetaOfAnotherTypeIsNone) {
  const TypedClientEvent<Profile> event{{.metadata = Metadata::of(1)}};
  EXPECT_EQ(event.meta(), nullptr);
}

TEST(TypedHooks, AnUntypedFunctionWillDoForWhatHasNoAuth) {
  int calls = 0;
  const Hooks hooks = ChatHooks{.message = [&](const ClientMessage&) { ++calls; }}.untyped();
  EXPECT_TRUE(ask(hooks.message, {}).answer());
  EXPECT_EQ(calls, 1);
}

TEST(TypedHooks, TypedRequestsCanBeKept) {
  SilentSocket socket;
  auto text = std::make_unique<std::string>("client");
  const OwnedRequest<Request> request(Request{*text, Login("token"), &socket});
  const OwnedRequest<TypedClientEvent<Profile>> event(
      {{.client_id = *text, .metadata = Metadata::of(Profile(2)), .socket = &socket}});
  const OwnedRequest<TypedMembershipEvent<Profile>> membership({{.room = *text}});
  const OwnedRequest<RoomEvent> room({.room = *text});
  text.reset();

  EXPECT_EQ(membership->room, "client");
  EXPECT_EQ(room->room, "client");
  EXPECT_EQ(request->client_id, "client");
  EXPECT_EQ(request->data.token, "token");
  EXPECT_EQ(request->socket, nullptr);
  EXPECT_EQ(event->client_id, "client");
  EXPECT_EQ(event->meta()->level, 2);
  EXPECT_EQ(event->socket, nullptr);
}

}  // namespace
}  // namespace wscast
