#include "session/identity_check.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace wscast::session {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr SteadyTime kNow{hours(5)};

struct Row {
  std::string name;
  AuthenticateResult result;
  const DisconnectReason* reason = nullptr;  ///< Null: accepted.
  bool invalid_result = false;

  friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

AuthenticateResult expiring_in(milliseconds duration) {
  return Identity{.user_id = "alice", .expires_in = duration};
}

class IdentityCheck : public testing::TestWithParam<Row> {};

TEST_P(IdentityCheck, Decides) {
  AuthenticateResult result = GetParam().result;
  const CheckedIdentity checked = check_identity(result);
  EXPECT_EQ(checked.reason, GetParam().reason);
  EXPECT_EQ(checked.invalid_result, GetParam().invalid_result);
  EXPECT_EQ(checked.identity,
            GetParam().reason == nullptr ? std::get_if<Identity>(&result) : nullptr);
}

INSTANTIATE_TEST_SUITE_P(
    Each, IdentityCheck,
    testing::Values(
        Row{"O4_Refused", Refused{}, &kAuthenticationFailed},
        Row{"O5_Threw", Threw{}, &kAuthenticationError},
        Row{"M16_NotUtf8", Identity{"\xff"}, &kAuthenticationError, true},
        Row{"M17_AUser", Identity{"alice"}}, Row{"M17_NoUser", Identity{}},
        Row{"X4_OneThatExpires", expiring_in(milliseconds(1))},
        Row{"X4_OneThatHasExpired", expiring_in(milliseconds(0)), &kAuthenticationFailed},
        Row{"X4_ANegativeTime", expiring_in(milliseconds(-1)), &kAuthenticationFailed},
        Row{"X4_TheLeastTime", expiring_in(milliseconds::min()), &kAuthenticationFailed}),
    [](const auto& row) { return row.param.name; });

TEST(ExpiryOf, X4CountsFromTheResultOn) {
  EXPECT_EQ(expiry_of({.expires_in = milliseconds(1'500)}, kNow), kNow + milliseconds(1'500));
  EXPECT_EQ(expiry_of({}, kNow), SteadyTime::max());
}

TEST(ExpiryOf, X4NoTimeIsTooLong) {
  EXPECT_EQ(expiry_of({.expires_in = milliseconds::max()}, kNow), SteadyTime::max());
  EXPECT_EQ(later(SteadyTime::max(), milliseconds(1)), SteadyTime::max());
  EXPECT_EQ(later(SteadyTime::max() - hours(1), hours(1) + milliseconds(1)), SteadyTime::max());
  EXPECT_LT(later(SteadyTime::max() - hours(2), hours(1)), SteadyTime::max());
}

TEST(DataForHook, M4IsAnEmptyObjectWhenThereIsNone) {
  EXPECT_EQ(data_for_hook({.event = {}, .data = "[1]", .id = {}}), "[1]");
  EXPECT_EQ(data_for_hook({.event = {}, .data = "null", .id = {}}), "{}");
  EXPECT_EQ(data_for_hook({}), "{}");
}

}  // namespace
}  // namespace wscast::session
