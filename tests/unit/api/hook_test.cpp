#include <functional>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "wscast/hooks.h"

#include "outcomes.h"

namespace wscast {
namespace {

TEST(Hook, IsNoneUntilGivenAFunction) {
  EXPECT_FALSE(MessageHook());
  EXPECT_FALSE(MessageHook(nullptr));
  EXPECT_FALSE(MessageHook(std::function<void(const ClientMessage&)>()));
  EXPECT_TRUE(MessageHook([](const ClientMessage&) {}));
  EXPECT_TRUE(MessageHook([](const ClientMessage&, Reply<void>) {}));

  MessageHook hook = [](const ClientMessage&) {};
  hook = nullptr;
  EXPECT_FALSE(hook);
}

TEST(Hook, AFunctionOfTheRequestReturnsItsAnswer) {
  const AuthenticateHook hook = [](const AuthenticateRequest& request) -> std::optional<Identity> {
    return Identity{.user_id = std::string(request.client_id)};
  };
  EXPECT_TRUE(hook.returning());
  EXPECT_FALSE(hook.replying());
  const auto outcomes = ask(hook, {.client_id = "c"});
  ASSERT_TRUE(outcomes.answer());
  EXPECT_EQ(outcomes.answer()->value().user_id, "c");
}

TEST(Hook, AFunctionOfAReplyToGivesItWhenItLikes) {
  std::optional<Reply<std::optional<Identity>>> kept;
  const AuthenticateHook hook = [&](const AuthenticateRequest&,
                                    Reply<std::optional<Identity>> reply) { kept = reply; };
  EXPECT_FALSE(hook.returning());
  EXPECT_TRUE(hook.replying());
  const auto outcomes = ask(hook, {});
  EXPECT_EQ(outcomes.count(), 0u);
  (*kept)(Identity{.user_id = "u"});
  ASSERT_TRUE(outcomes.answer());
  EXPECT_EQ(outcomes.answer()->value().user_id, "u");
}

TEST(Hook, WhatItReturnsMayConvertToTheAnswer) {
  const AuthenticateHook all = [](const AuthenticateRequest&) { return Identity{}; };
  EXPECT_TRUE(ask(all, {}).answer()->has_value());
  const AuthenticateHook none = [](const AuthenticateRequest&) { return std::nullopt; };
  EXPECT_FALSE(ask(none, {}).answer()->has_value());
}

TEST(Hook, OneThatAnswersNothingMayBeOfEitherSpelling) {
  int calls = 0;
  const ConnectedHook returning = [&](const ClientEvent&) { return ++calls; };
  EXPECT_TRUE(returning.returning());
  EXPECT_TRUE(ask(returning, {}).answer());

  const ConnectedHook replying = [&](const ClientEvent&, Reply<void> reply) { ++calls, reply(); };
  EXPECT_TRUE(replying.replying());
  EXPECT_TRUE(ask(replying, {}).answer());
  EXPECT_EQ(calls, 2);
}

TEST(Hook, TakesABooleanAnswer) {
  const Hook<ClientEvent, bool> hook = [](const ClientEvent& event) {
    return event.user_id.empty();
  };
  const auto yes = ask(hook, {});
  const auto no = ask(hook, {.user_id = "u"});
  EXPECT_TRUE(*yes.answer());
  EXPECT_FALSE(*no.answer());
}

TEST(Hook, TakesNoFunctionOfAnotherShape) {
  EXPECT_FALSE((std::is_constructible_v<MessageHook, void (*)(int)>));
  EXPECT_FALSE((std::is_constructible_v<MessageHook, void (*)(const ClientEvent&)>));
  EXPECT_FALSE((std::is_constructible_v<AuthenticateHook, void (*)(const AuthenticateRequest&)>));
  EXPECT_FALSE((std::is_constructible_v<MessageHook, void (*)(const ClientMessage&, Reply<int>)>));
}

TEST(Hook, IsCopied) {
  const MessageHook hook = [](const ClientMessage&) {};
  const MessageHook copy = hook;  // NOLINT: a copy is the point.
  EXPECT_TRUE(hook);
  EXPECT_TRUE(copy.returning());
}

}  // namespace
}  // namespace wscast
