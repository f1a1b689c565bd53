#include "session/authenticator.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

namespace wscast::session {
namespace {

using Action = AuthenticationStep::Action;
using std::chrono::seconds;

constexpr SteadyTime kNow{seconds(100)};
constexpr std::string_view kWithKey = R"({"publicKey":"k"})";

protocol::Envelope authenticate(std::optional<std::string_view> data,
                                std::optional<std::string_view> id = std::nullopt) {
  return {.event = "authenticate", .data = data, .id = id};
}

/// Waits for the result of the handshake hook.
struct InHandshake : Authenticator {
  InHandshake() {
    begin(authenticate(kWithKey, "7"), Encryption::required);
    on_authenticate_result(Identity{"alice"}, kNow);
  }
};

void expect_rejected(const AuthenticationStep& step, const DisconnectReason& reason,
                     bool invalid_result = false) {
  EXPECT_EQ(step.action, Action::reject);
  EXPECT_EQ(step.reason, &reason);
  EXPECT_EQ(step.invalid_result, invalid_result);
}

TEST(Authenticator, CountsMessagesUpToTheLimit) {
  Authenticator authenticator;
  const SessionOptions options{.max_messages_before_auth = 3};
  EXPECT_TRUE(authenticator.count(1, options));
  EXPECT_TRUE(authenticator.count(1, options));
  authenticator.begin(authenticate("{}"), Encryption::off);
  EXPECT_TRUE(authenticator.count(1, options));
  EXPECT_FALSE(authenticator.count(1, options)) << "an open hook changes nothing";
}

TEST(Authenticator, CountsBytesUpToTheLimit) {
  const SessionOptions options{.max_bytes_before_auth = 100};
  Authenticator authenticator;
  EXPECT_TRUE(authenticator.count(60, options));
  EXPECT_TRUE(authenticator.count(40, options));
  EXPECT_FALSE(authenticator.count(1, options));
}

TEST(Authenticator, GivesAnOpenHookThreeTimesTheTimeout) {
  Authenticator authenticator;
  const SteadyTime now{seconds(100)};
  EXPECT_EQ(authenticator.deadline(now, seconds(5)), now + seconds(5));
  authenticator.count(1, SessionOptions());
  EXPECT_EQ(authenticator.deadline(now, seconds(5)), now + seconds(5)) << "nothing is open yet";
  authenticator.begin(authenticate("{}"), Encryption::off);
  EXPECT_EQ(authenticator.deadline(now, seconds(5)), now + seconds(15));
}

TEST(Authenticator, GivesTheHookTheDataOrAnEmptyObject) {
  EXPECT_EQ(Authenticator().begin(authenticate("[1]"), Encryption::off), "[1]");
  EXPECT_EQ(Authenticator().begin(authenticate("null"), Encryption::off), "{}");
  EXPECT_EQ(Authenticator().begin(authenticate(std::nullopt), Encryption::off), "{}");
}

TEST(Authenticator, LeadsAPlainClientThroughTheSubscriptionToItsIdentity) {
  Authenticator authenticator;
  authenticator.begin(authenticate("{}", R"("a")"), Encryption::off);
  EXPECT_EQ(authenticator.message_id(), R"("a")");
  EXPECT_FALSE(authenticator.subscribing());

  const auto step = authenticator.on_authenticate_result(Identity{"alice", Metadata::of(7)}, kNow);
  EXPECT_EQ(step.action, Action::subscribe);
  EXPECT_TRUE(authenticator.subscribing());
  EXPECT_FALSE(authenticator.handshaking());
  EXPECT_EQ(authenticator.user_id(), "alice");

  const auto accepted = authenticator.finish();
  EXPECT_EQ(accepted.identity.user_id.view(), "alice");
  ASSERT_NE(accepted.identity.metadata.get<int>(), nullptr);
  EXPECT_EQ(*accepted.identity.metadata.get<int>(), 7);
  EXPECT_EQ(accepted.identity.keys, nullptr);
  EXPECT_EQ(accepted.message_id, R"("a")");
  EXPECT_FALSE(authenticator.subscribing());
  EXPECT_EQ(authenticator.message_id(), std::nullopt);
}

TEST(Authenticator, LeadsAnEncryptedClientThroughTheHandshakeToo) {
  Authenticator authenticator;
  authenticator.begin(authenticate(kWithKey), Encryption::required);
  EXPECT_FALSE(authenticator.handshaking()) << "errors still reach it in the clear";

  EXPECT_EQ(authenticator.on_authenticate_result(Identity{"alice"}, kNow).action,
            Action::handshake);
  EXPECT_TRUE(authenticator.handshaking());
  EXPECT_FALSE(authenticator.subscribing());
  EXPECT_EQ(authenticator.handshake_data(), kWithKey);
  EXPECT_EQ(authenticator.user_id(), "alice");

  EXPECT_EQ(authenticator.on_handshake_result(HandshakeKeys{"key", "salt"}).action,
            Action::subscribe);
  EXPECT_TRUE(authenticator.handshaking()) << "nothing in the clear before `connected`";
  EXPECT_TRUE(authenticator.subscribing());

  const auto accepted = authenticator.finish();
  ASSERT_NE(accepted.identity.keys, nullptr);
  EXPECT_EQ(accepted.identity.keys->server_public_key, "key");
  EXPECT_EQ(accepted.identity.keys->salt, "salt");
  EXPECT_FALSE(authenticator.handshaking());
}

TEST(Authenticator, RequestsKeysOnlyIfTheClientMayBeEncrypted) {
  const auto action = [](std::string_view data, Encryption encryption) {
    Authenticator authenticator;
    authenticator.begin(authenticate(data), encryption);
    return authenticator.on_authenticate_result(Identity{"alice"}, kNow).action;
  };
  EXPECT_EQ(action(kWithKey, Encryption::off), Action::subscribe);
  EXPECT_EQ(action(kWithKey, Encryption::optional), Action::handshake);
  EXPECT_EQ(action("{}", Encryption::optional), Action::subscribe);
  EXPECT_EQ(action("[]", Encryption::optional), Action::subscribe);
  EXPECT_EQ(action("{}", Encryption::required), Action::handshake);
}

TEST(Authenticator, RejectsWhatTheAuthenticateHookRefused) {
  const auto step = [](AuthenticateResult result) {
    Authenticator authenticator;
    authenticator.begin(authenticate("{}"), Encryption::off);
    return authenticator.on_authenticate_result(std::move(result), kNow);
  };
  expect_rejected(step(Refused{}), kAuthenticationFailed);
  expect_rejected(step(Threw{}), kAuthenticationError);
  expect_rejected(step(Identity{"\xff"}), kAuthenticationError, true);
}

TEST(Authenticator, RejectsWhatTheHandshakeRefused) {
  expect_rejected(InHandshake().on_handshake_result(Refused{}), kHandshakeFailed);
  expect_rejected(InHandshake().on_handshake_result(Threw{}), kAuthenticationError);
  expect_rejected(InHandshake().on_handshake_result(HandshakeKeys{"\xff", ""}),
                  kAuthenticationError, true);
  expect_rejected(InHandshake().on_handshake_result(HandshakeKeys{"", "\xff"}),
                  kAuthenticationError, true);
}

TEST(Authenticator, IgnoresResultsThatWereNotRequested) {
  Authenticator idle;
  EXPECT_EQ(idle.on_authenticate_result(Refused{}, kNow).action, Action::none);
  EXPECT_EQ(idle.on_handshake_result(Refused{}).action, Action::none);

  Authenticator authenticating;
  authenticating.begin(authenticate("{}"), Encryption::required);
  EXPECT_EQ(authenticating.on_handshake_result(Refused{}).action, Action::none);

  InHandshake handshaking;
  EXPECT_EQ(handshaking.on_authenticate_result(Identity{"bob"}, kNow).action, Action::none);
  EXPECT_EQ(handshaking.user_id(), "alice");

  handshaking.on_handshake_result(HandshakeKeys{"key", "salt"});
  EXPECT_EQ(handshaking.on_handshake_result(Refused{}).action, Action::none);
  handshaking.finish();
  EXPECT_EQ(handshaking.on_authenticate_result(Refused{}, kNow).action, Action::none);
}

TEST(Authenticator, X4KnowsWhenTheIdentityExpires) {
  const auto expires = [](std::optional<std::chrono::milliseconds> expires_in) {
    Authenticator authenticator;
    authenticator.begin(authenticate("{}"), Encryption::off);
    authenticator.on_authenticate_result(Identity{.user_id = "alice", .expires_in = expires_in},
                                         kNow);
    return authenticator.finish().expires;
  };
  EXPECT_EQ(expires(seconds(7)), kNow + seconds(7));
  EXPECT_EQ(expires(std::nullopt), SteadyTime::max());
}

TEST(Authenticator, KeepsTheMessageIdOfARejectedClientForTheError) {
  InHandshake authenticator;
  authenticator.on_handshake_result(Refused{});
  EXPECT_EQ(authenticator.message_id(), "7");
}

}  // namespace
}  // namespace wscast::session
