#include "broker/redis/login.h"

#include <string>
#include <string_view>
#include <vector>

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
  EXPECT_EQ(Login(url_, "name").opening(),
            command({"CLIENT", "SETNAME", "name"}) + command({"CLUSTER", "SLOTS"}));
}

Reply node(std::string_view name, std::int64_t port) {
  return {.kind = Reply::Kind::array,
          .elements = {{.kind = Reply::Kind::bulk, .text = name},
                       {.kind = Reply::Kind::integer, .integer = port}}};
}

TEST_F(LoginTest, AClusterNamesItsNodesOrNot) {
  url_.kind = RedisUrl::Kind::cluster;
  Login login(url_, "name");
  take(login, status("OK"));
  const Reply number{.kind = Reply::Kind::integer};
  const Reply range{.kind = Reply::Kind::array, .elements = {number, number, node("10.0.0.1", 7)}};
  EXPECT_EQ(take(login, {.kind = Reply::Kind::array, .elements = {range}}), Verdict::done);
  EXPECT_EQ(login.take_nodes(), (std::vector<Host>{{.name = "10.0.0.1", .port = 7}}));
  EXPECT_EQ(login.nodes_refusal(), "");
  for (const auto* words : {"NOPERM no", "ERR unknown command",
                            "ERR This instance has cluster "
                            "support disabled"}) {
    Login other(url_, "name");
    take(other, status("OK"));
    EXPECT_EQ(take(other, error(words)), Verdict::done);
    EXPECT_TRUE(other.take_nodes().empty());
    EXPECT_EQ(other.nodes_refusal(), words);
  }
}

TEST_F(LoginTest, BehindSentinelsOnlyAMasterWillDo) {
  url_.kind = RedisUrl::Kind::sentinel;
  Login login(url_, "name");
  EXPECT_EQ(login.opening(), command({"CLIENT", "SETNAME", "name"}) + command({"ROLE"}));
  EXPECT_EQ(take(login, status("OK")), Verdict::more);
  EXPECT_EQ(take(login, role("master")), Verdict::done);

  for (const Reply& answer : {status("OK"), error("NOAUTH no"), Reply{}}) {
    Login other(url_, "name");
    take(other, status("OK"));
    EXPECT_EQ(take(other, answer), Verdict::failed);
    EXPECT_NE(fault_, "");
  }
  Login replica(url_, "name");
  take(replica, status("OK"));
  EXPECT_EQ(take(replica, role("slave")), Verdict::not_yet) << "it may be the next master";
}

TEST_F(LoginTest, WhatIsNotNeededMayBeForbiddenRenamedOrUnknown) {
  url_.kind = RedisUrl::Kind::sentinel;
  url_.database = 3;
  for (const auto* words :
       {"NOPERM this user has no permissions to run the 'client|setname' command",
        "ERR unknown command 'CLIENT', with args beginning with: 'SETNAME' 'name' ",
        "ERR Unknown subcommand or wrong number of arguments for 'SETNAME'. Try CLIENT HELP.",
        "ERR unsupported command"}) {
    Login login(url_, "name");
    EXPECT_EQ(take(login, error(words)), Verdict::more) << "CLIENT: " << words;
    EXPECT_EQ(take(login, error(words)), Verdict::more) << "SELECT: " << words;
    EXPECT_EQ(take(login, error(words)), Verdict::done) << "ROLE: " << words;
  }
  Login login(url_, "name");
  take(login, status("OK"));
  EXPECT_EQ(take(login, error("ERR DB index is out of range")), Verdict::failed);
}

TEST_F(LoginTest, WhatEndsByItselfIsSaidSo) {
  for (const auto* words :
       {"LOADING Redis is loading the dataset in memory",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "BUSY Redis is busy running a script.", "ERR max number of clients reached"}) {
    Login login(url_, "name");
    EXPECT_EQ(take(login, error(words)), Verdict::not_yet) << words;
    EXPECT_EQ(fault_, words);
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

TEST_F(LoginTest, TheAnswerToAuthIsToldWithoutThePassword) {
  url_.password = "hunter2";
  Login login(url_, "name");
  EXPECT_EQ(take(login, error("ERR unknown command 'AUTH', with args beginning with: 'hunter2'")),
            Verdict::failed);
  EXPECT_EQ(fault_, "ERR unknown command 'AUTH'");
  Login other(url_, "name");
  take(other, error("ERR \x1b[31mred"));
  EXPECT_EQ(fault_.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace wscast::redis
