#include "broker/redis/login.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "broker/redis/command.h"

namespace wscast::redis {
namespace {

using Verdict = Dialogue::Verdict;

std::string command(std::initializer_list<std::string_view> words) {
  std::string text;
  append_command(text, std::span(words.begin(), words.size()));
  return text;
}

Reply status(std::string_view text) {
  return {.kind = Reply::Kind::status, .text = text};
}

Reply error(std::string_view text) {
  return {.kind = Reply::Kind::error, .text = text};
}

Reply role(std::string_view name) {
  return {.kind = Reply::Kind::array, .elements = {{.kind = Reply::Kind::bulk, .text = name}}};
}

class LoginTest : public testing::Test {
 protected:
  Verdict take(Login& login, const Reply& reply) { return login.take(reply, more_, fault_); }

  RedisUrl url_;
  std::string more_;
  std::string fault_;
};

TEST_F(LoginTest, WithNothingGivenItOnlyNamesItself) {
  Login login(url_, "name");
  EXPECT_EQ(login.opening(), command({"CLIENT", "SETNAME", "name"}));
  EXPECT_EQ(take(login, status("OK")), Verdict::done);
}

TEST_F(LoginTest, UserPasswordAndDatabaseGoInOneWrite) {
  url_.user = "user";
  url_.password = "pass";
  url_.database = 7;
  Login login(url_, "name");
  EXPECT_EQ(login.opening(), command({"AUTH", "user", "pass"}) +
                                 command({"CLIENT", "SETNAME", "name"}) + command({"SELECT", "7"}));
  EXPECT_EQ(take(login, status("OK")), Verdict::more);
  EXPECT_EQ(take(login, status("OK")), Verdict::more);
  EXPECT_EQ(take(login, status("OK")), Verdict::done);
  EXPECT_EQ(more_, "");
}

TEST_F(LoginTest, AClusterHasNoDatabases) {
  url_.kind = RedisUrl::Kind::cluster;
  url_.database = 7;
  EXPECT_EQ(Login(url_, "name").opening(), command({"CLIENT", "SETNAME", "name"}));
}

TEST_F(LoginTest, BehindSentinelsOnlyAMasterWillDo) {
  url_.kind = RedisUrl::Kind::sentinel;
  Login login(url_, "name");
  EXPECT_EQ(login.opening(), command({"CLIENT", "SETNAME", "name"}) + command({"ROLE"}));
  EXPECT_EQ(take(login, status("OK")), Verdict::more);
  EXPECT_EQ(take(login, role("master")), Verdict::done);

  for (const Reply& answer : {role("slave"), status("OK"), error("NOPERM no"), Reply{}}) {
    Login other(url_, "name");
    take(other, status("OK"));
    EXPECT_EQ(take(other, answer), Verdict::failed);
    EXPECT_NE(fault_, "");
  }
}

TEST_F(LoginTest, EachErrorIsToldInRedisWordsButForAForbiddenName) {
  Login login(url_, "name");
  EXPECT_EQ(take(login, error("NOAUTH Authentication required.")), Verdict::failed);
  EXPECT_EQ(fault_, "NOAUTH Authentication required.");
  Login nameless(url_, "name");
  EXPECT_EQ(take(nameless, error("NOPERM this user has no permissions")), Verdict::done);
  Login odd(url_, "name");
  EXPECT_EQ(take(odd, {.kind = Reply::Kind::integer, .integer = 1}), Verdict::failed);
  EXPECT_EQ(fault_, "an answer that was not expected");
}

TEST_F(LoginTest, NoWordsHaveThePasswordOrControlBytes) {
  url_.password = "hunter2";
  Login login(url_, "name");
  EXPECT_EQ(take(login, error("ERR unknown command 'AUTH', with args beginning with: 'hunter2'")),
            Verdict::failed);
  EXPECT_EQ(fault_, "ERR unknown command 'AUTH'");
  Login other(url_, "name");
  take(other, error("ERR what is hunter2?"));
  EXPECT_EQ(fault_, "an answer that was not expected");
  Login third(url_, "name");
  take(third, error("ERR \x1b[31mred"));
  EXPECT_EQ(fault_.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace wscast::redis
