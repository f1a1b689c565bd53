#include "session/identity_expiry.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace wscast::session {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr SteadyTime kNow{hours(5)};
constexpr SteadyTime kHookDeadline = kNow + seconds(15);

Identity alice(std::optional<std::chrono::milliseconds> expires_in = seconds(60)) {
  return {.user_id = "alice", .metadata = Metadata::of(2), .expires_in = expires_in};
}

class IdentityExpiryTest : public testing::Test {
 protected:
  std::string begin(std::optional<std::string_view> id = std::nullopt) {
    return expiry_.begin({.event = "authenticate", .data = R"({"token":"t"})", .id = id},
                         kHookDeadline);
  }
  RenewalStep finish(AuthenticateResult result) {
    return expiry_.on_authenticate_result(std::move(result), "alice", kNow);
  }

  IdentityExpiry expiry_{kNow + seconds(10)};
};

TEST_F(IdentityExpiryTest, X4TellsFirstAndClosesAfterTheGrace) {
  EXPECT_EQ(expiry_.deadline(), kNow + seconds(10));
  EXPECT_EQ(expiry_.on_deadline(kNow + seconds(10), seconds(30)), nullptr);
  EXPECT_EQ(expiry_.deadline(), kNow + seconds(40));
  EXPECT_EQ(expiry_.on_deadline(kNow + seconds(40), seconds(30)), &kTokenExpired);
}

TEST_F(IdentityExpiryTest, X4AnOpenHookHasADeadlineOfItsOwn) {
  EXPECT_FALSE(expiry_.renewing());
  EXPECT_EQ(begin(), R"({"token":"t"})");
  EXPECT_TRUE(expiry_.renewing());
  EXPECT_EQ(expiry_.deadline(), kHookDeadline);
  EXPECT_EQ(expiry_.on_deadline(kHookDeadline, seconds(30)), &kAuthenticationTimeout);
}

TEST_F(IdentityExpiryTest, X4ARenewalCountsFromItsResultOn) {
  begin("7");
  const RenewalStep step = finish(alice());
  EXPECT_EQ(step.reason, nullptr);
  EXPECT_FALSE(step.invalid_result);
  ASSERT_NE(step.metadata.get<int>(), nullptr);
  EXPECT_EQ(*step.metadata.get<int>(), 2);
  ASSERT_NE(step.message_id, nullptr);
  EXPECT_EQ(*step.message_id, "7");
  EXPECT_FALSE(expiry_.renewing());
  EXPECT_EQ(expiry_.deadline(), kNow + seconds(60));
  EXPECT_EQ(expiry_.on_deadline(kNow + seconds(60), seconds(30)), nullptr) << "it is told again";
}

TEST_F(IdentityExpiryTest, X4InTheGraceARenewalCountsAsBefore) {
  expiry_.on_deadline(kNow, seconds(30));
  begin();
  EXPECT_EQ(finish(alice()).message_id, nullptr);
  EXPECT_EQ(expiry_.on_deadline(kNow + seconds(60), seconds(30)), nullptr);
  EXPECT_EQ(expiry_.on_deadline(kNow + seconds(90), seconds(30)), &kTokenExpired);
}

TEST_F(IdentityExpiryTest, X4ARenewedIdentityMayLastForEver) {
  begin();
  EXPECT_EQ(finish(alice(std::nullopt)).reason, nullptr);
  EXPECT_EQ(expiry_.deadline(), SteadyTime::max());
}

TEST_F(IdentityExpiryTest, X4OnlyTheSameUserRenews) {
  for (const std::string user : {"bob", "", "alic", "alice2"}) {
    begin();
    EXPECT_EQ(finish(Identity{user}).reason, &kAuthenticationFailed) << user;
  }
}

TEST_F(IdentityExpiryTest, X4ARejectionIsThatOfTheFirstAuthentication) {
  begin("[8]");
  const RenewalStep refused = finish(Refused{});
  EXPECT_EQ(refused.reason, &kAuthenticationFailed);
  ASSERT_NE(refused.message_id, nullptr);
  EXPECT_EQ(*refused.message_id, "[8]") << "for the error";
  begin();
  EXPECT_EQ(finish(Threw{}).reason, &kAuthenticationError);
  begin();
  EXPECT_EQ(finish(alice(seconds(0))).reason, &kAuthenticationFailed);
  begin();
  const RenewalStep invalid = finish(Identity{"\xff"});
  EXPECT_EQ(invalid.reason, &kAuthenticationError);
  EXPECT_TRUE(invalid.invalid_result);
}

}  // namespace
}  // namespace wscast::session
