#include "broker/redis/resp/error_text.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

RespValue error(std::string_view text) {
  return {.kind = RespValue::Kind::error, .text = text};
}

// Whatever the password is, `password` and `user` too, it is nothing but a word of these.
TEST(ErrorTextTest, RedisOwnWordsToAuthAreShownWhole) {
  for (const auto* words :
       {"WRONGPASS invalid username-password pair or user is disabled.",
        "WRONGPASS invalid username-password pair", "NOAUTH Authentication required.",
        "NOPERM this user has no permissions to run the 'auth' command",
        "NOPERM User app has no permissions to run the 'auth' command",
        "LOADING Redis is loading the dataset in memory", "ERR invalid password",
        "ERR Client sent AUTH, but no password is set", "ERR max number of clients reached",
        "ERR wrong number of arguments for 'auth' command",
        "DENIED Redis is running in protected mode because protected mode is enabled"}) {
    EXPECT_EQ(auth_error_text(error(words)), words);
  }
}

TEST(ErrorTextTest, AnEmptyErrorIsReportedInWords) {
  for (const auto* text : {"", ", with args beginning with 'a'"}) {
    EXPECT_EQ(error_text(error(text)), "an answer that was not expected");
  }
}

TEST(ErrorTextTest, ArgumentsOfAuthThatAreRepeatedAreNeverShown) {
  for (const auto* words :
       {"ERR unknown command `AUTH`, with args beginning with: `SECRET`, ",
        "ERR unknown command 'AUTH', with args beginning with: 'user' 'SECRET' ",
        "ERR unknown command 'AUTH SECRET'", "ERR unknown command AUTH SECRET", "ERR SECRET",
        "ERR what is SECRET?", "SECRET", "SECRET is no command", "err SECRET", "ERRSECRET",
        "Error: AUTH SECRET", "invalid password SECRET", "ERR invalid password SECRET", "",
        "WRONGPASS unknown, with args beginning with: SECRET"}) {
    EXPECT_EQ(auth_error_text(error(words)).find("SECRET"), std::string::npos) << words;
    EXPECT_NE(auth_error_text(error(words)), "");
  }
  EXPECT_EQ(auth_error_text({.kind = RespValue::Kind::status, .text = "SECRET"}),
            "an answer that was not expected");
  EXPECT_EQ(auth_error_text({.kind = RespValue::Kind::bulk, .text = "SECRET"}),
            "an answer that was not expected");
}

TEST(ErrorTextTest, OfOtherCommandsAllIsShownButArguments) {
  EXPECT_EQ(
      error_text(error("ERR unknown command `PUBLISH`, with args beginning with: `a`, `b`, ")),
      "ERR unknown command `PUBLISH`");
  EXPECT_EQ(error_text(error("OOM command not allowed when used memory > 'maxmemory'.")),
            "OOM command not allowed when used memory > 'maxmemory'.");
  EXPECT_EQ(error_text(error("ERR \x1b[31mred")).find('\x1b'), std::string::npos);
}

TEST(ErrorTextTest, WaitingMendsSomeErrors) {
  EXPECT_TRUE(is_temporary(error("LOADING Redis is loading the dataset in memory")));
  EXPECT_TRUE(is_temporary(error("BUSY Redis is busy running a script.")));
  EXPECT_FALSE(is_temporary(error("NOPERM no")));
  EXPECT_FALSE(is_temporary(error("LOADINGS")));
  EXPECT_FALSE(is_temporary({.kind = RespValue::Kind::status, .text = "LOADING"}));
}

}  // namespace
}  // namespace wscast::redis
