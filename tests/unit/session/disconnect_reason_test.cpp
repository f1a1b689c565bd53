#include "session/disconnect_reason.h"

#include <string>

#include <gtest/gtest.h>

namespace wscast::session {
namespace {

// What each reason sends and counts (protocol.md section 1): error, code, reason, counter.
TEST(DisconnectReason, EachIsSpelledAsTheProtocolSays) {
  // shows: O1, O2, O3, O4, O5, O6, O7, O8, O9, O10, O11, X4, X6, X9
  const auto words = [](const DisconnectReason& ending) {
    return std::string(ending.error) + "|" + std::to_string(ws::to_number(ending.code)) + " " +
           std::string(ending.reason) + "|" + std::string(to_string(ending.counter));
  };
  EXPECT_EQ(words(kAuthenticationTimeout),
            "|4001 Authentication timeout|closed_authentication_timeout");
  EXPECT_EQ(words(kHeartbeatTimeout), "|4002 Heartbeat timeout|closed_heartbeat_timeout");
  EXPECT_EQ(words(kAuthenticationFailed),
            "Authentication failed|4003 Authentication failed|closed_authentication_failed");
  EXPECT_EQ(words(kAuthenticationError),
            "Authentication error|4003 Authentication failed|closed_authentication_error");
  EXPECT_EQ(words(kEncryptionRequired), "|4004 Encryption required|closed_encryption");
  EXPECT_EQ(words(kHandshakeFailed),
            "Encryption handshake failed|4004 Encryption required|closed_encryption");
  EXPECT_EQ(words(kShutdown), "|1001 Server shutting down|closed_shutdown");
  EXPECT_EQ(words(kSlowConsumer), "|4008 Slow consumer|closed_slow_consumer");
  EXPECT_EQ(words(kRateLimit), "|4009 Rate limit exceeded|closed_rate_limit");
  EXPECT_EQ(words(kPreAuthFlood),
            "|4010 Too many messages before authentication|closed_pre_auth_flood");
  EXPECT_EQ(words(kTokenExpired), "|4003 Token expired|closed_token_expired");
  EXPECT_EQ(words(kTooManyConnections),
            "Too many connections|4011 Too many connections|closed_too_many_connections");
  EXPECT_EQ(words(kUserRevoked), "User revoked|4003 User revoked|closed_user_revoked");
}

struct Words {
  std::string name;
  std::uint16_t code;
  std::string reason;
  bool may;

  friend void PrintTo(const Words& words, std::ostream* out) { *out << words.name; }
};

class MayCloseWith : public testing::TestWithParam<Words> {};

TEST_P(MayCloseWith, IsChecked) {
  EXPECT_EQ(may_close_with(GetParam().code, GetParam().reason), GetParam().may);
}

INSTANTIATE_TEST_SUITE_P(
    Each, MayCloseWith,
    testing::Values(Words{"Normal", 1000, "", true}, Words{"GoingAway", 1001, "bye", true},
                    Words{"Reserved", 1004, "", false}, Words{"NoStatus", 1005, "", false},
                    Words{"Abnormal", 1006, "", false}, Words{"BadGateway", 1014, "", true},
                    Words{"TlsFailed", 1015, "", false}, Words{"Zero", 0, "", false},
                    Words{"Below", 999, "", false}, Words{"Unassigned", 2999, "", false},
                    Words{"Registered", 3000, "", true}, Words{"Private", 4999, "", true},
                    Words{"Above", 5000, "", false}, Words{"Most", 65535, "", false},
                    Words{"LongReason", 4000, std::string(123, 'x'), true},
                    Words{"TooLongReason", 4000, std::string(124, 'x'), false},
                    Words{"InvalidUtf8", 4000, "\xff", false},
                    Words{"BeyondAscii", 4000, "\u00e4", true}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace wscast::session
