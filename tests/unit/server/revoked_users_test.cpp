#include "server/revoked_users.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace wscast::server {
namespace {

using std::chrono::seconds;

constexpr WallTime kNow{std::chrono::hours(1)};

TEST(RevokedUsers, X9AUserIsRefusedUntilItsTime) {
  RevokedUsers users;
  EXPECT_FALSE(users.revoked("alice", kNow));
  users.revoke("alice", kNow + seconds(2), kNow);
  EXPECT_TRUE(users.revoked("alice", kNow));
  EXPECT_TRUE(users.revoked("alice", kNow + seconds(1)));
  EXPECT_FALSE(users.revoked("alice", kNow + seconds(2)));
  EXPECT_FALSE(users.revoked("bob", kNow));
}

TEST(RevokedUsers, X9ALaterCallReplacesTheTime) {
  RevokedUsers users;
  users.revoke("alice", kNow + seconds(2), kNow);
  users.revoke("alice", kNow + seconds(1), kNow);
  EXPECT_FALSE(users.revoked("alice", kNow + seconds(1)));
  users.revoke("alice", WallTime::max(), kNow);
  EXPECT_TRUE(users.revoked("alice", kNow + std::chrono::years(100)));
  users.revoke("alice", kNow, kNow);
  EXPECT_FALSE(users.revoked("alice", kNow));
  EXPECT_EQ(users.size(), 0u);
}

TEST(RevokedUsers, ForgetsTimesThatHavePassed) {
  RevokedUsers users;
  users.revoke("always", WallTime::max(), kNow);
  for (int i = 0; i < 10'000; ++i) {
    const WallTime now = kNow + seconds(i);
    users.revoke("user " + std::to_string(i), now + seconds(10), now);
    ASSERT_LE(users.size(), 128u);
  }
  EXPECT_TRUE(users.revoked("always", kNow));
}

}  // namespace
}  // namespace wscast::server
