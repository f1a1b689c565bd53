#include "auth/admission.h"

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using testing::ElementsAre;
using Outcome = HookOutcome<std::optional<Identity>>;

/// Keeps what it is to decide.
class LateMethod : public AuthMethod {
 public:
  void authenticate(const AuthenticateRequest& request, Done done) override {
    if (token_in(request) == "throw") throw std::runtime_error("broken");
    waiting.push_back(std::move(done));
  }

  std::vector<Done> waiting;
};

class AdmissionTest : public testing::Test {
 protected:
  AdmissionTest() {
    const auto rules = std::make_shared<const AdmissionRules>(AdmissionRules{.method = method});
    Admission::install(std::make_shared<Admission>(rules), hooks);
  }

  void authenticate(const std::string& token) {
    const std::string data = R"({"token":")" + token + R"("})";
    hooks.authenticate.replying()(
        {.client_id = "id", .data = Json::text(data)},
        Reply<std::optional<Identity>>([this](Outcome given) { outcome = std::move(given); }));
  }

  std::shared_ptr<LateMethod> method = std::make_shared<LateMethod>();
  Hooks hooks;
  std::optional<Outcome> outcome;
};

TEST_F(AdmissionTest, AGrantBecomesAnIdentityEvenLater) {
  authenticate("token");
  EXPECT_FALSE(outcome);
  method->waiting.at(0)(Grant{.user_id = "alice", .room_patterns = {"team-*"}});
  const auto identity = std::get<0>(outcome.value());
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->user_id, "alice");
  const std::vector<std::string> rooms{"lobby", "team-1"};
  std::vector<std::string> allowed;
  hooks.validate_rooms.replying()(
      {.client_id = "id", .rooms = rooms, .metadata = identity->metadata},
      Reply<std::vector<std::string>>([&](const auto& given) { allowed = std::get<0>(given); }));
  EXPECT_THAT(allowed, ElementsAre("team-1"));
}

TEST_F(AdmissionTest, HowLongAGrantIsGoodIsPassedOn) {
  authenticate("token");
  method->waiting.at(0)(Grant{.user_id = "alice", .expires_in = std::chrono::seconds(7)});
  const auto identity = std::get<0>(outcome.value());
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->expires_in, std::chrono::seconds(7));
}

TEST_F(AdmissionTest, AFailureIsNoRejection) {
  authenticate("token");
  method->waiting.at(0)(AuthFailed{.why = "the backend is away"});
  EXPECT_EQ(std::get<HookFailed>(outcome.value()).what, "the backend is away");
}

TEST_F(AdmissionTest, WithoutAGrantTheClientIsRejected) {
  authenticate("token");
  method->waiting.at(0)(std::nullopt);
  EXPECT_EQ(std::get<0>(outcome.value()), std::nullopt);
}

TEST_F(AdmissionTest, WhatTheMethodThrowsReachesTheServer) {
  EXPECT_THROW(authenticate("throw"), std::runtime_error);
}

}  // namespace
}  // namespace wscast::program
