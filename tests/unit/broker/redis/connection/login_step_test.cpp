#include "broker/redis/connection/login_step.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "unit/broker/redis/redis_commands.h"

namespace wscast::redis {
namespace {

using Result = HandshakeStep::Result;

class LoginStepTest : public testing::Test {
 protected:
  Result reply_to(LoginStep& login, const RespValue& reply) {
    return login.on_reply(reply, more_, fault_);
  }

  RedisUrl url_;
  std::string more_;
  std::string fault_;
};

TEST_F(LoginStepTest, WithNothingGivenItOnlyNamesItself) {
  LoginStep login(url_, "name");
  EXPECT_EQ(login.opening(), command({"CLIENT", "SETNAME", "name"}));
  EXPECT_EQ(reply_to(login, status("OK")), Result::done);
}

TEST_F(LoginStepTest, UserPasswordAndDatabaseGoInOneWrite) {
  url_.user = "user";
  url_.password = "pass";
  url_.database = 7;
  LoginStep login(url_, "name");
  EXPECT_EQ(login.opening(), command({"AUTH", "user", "pass"}) +
                                 command({"CLIENT", "SETNAME", "name"}) + command({"SELECT", "7"}));
  EXPECT_EQ(reply_to(login, status("OK")), Result::more);
  EXPECT_EQ(reply_to(login, status("OK")), Result::more);
  EXPECT_EQ(reply_to(login, status("OK")), Result::done);
  EXPECT_EQ(more_, "");
}

TEST_F(LoginStepTest, AClusterHasNoDatabases) {
  url_.kind = RedisUrl::Kind::cluster;
  url_.database = 7;
  EXPECT_EQ(LoginStep(url_, "name").opening(),
            command({"CLIENT", "SETNAME", "name"}) + command({"CLUSTER", "SLOTS"}));
}

RespValue node(std::string_view name, std::int64_t port) {
  return {.kind = RespValue::Kind::array,
          .elements = {{.kind = RespValue::Kind::bulk, .text = name},
                       {.kind = RespValue::Kind::integer, .integer = port}}};
}

TEST_F(LoginStepTest, AClusterNamesItsNodesOrNot) {
  url_.kind = RedisUrl::Kind::cluster;
  LoginStep login(url_, "name");
  reply_to(login, status("OK"));
  const RespValue number{.kind = RespValue::Kind::integer};
  const RespValue range{.kind = RespValue::Kind::array,
                        .elements = {number, number, node("10.0.0.1", 7)}};
  EXPECT_EQ(reply_to(login, {.kind = RespValue::Kind::array, .elements = {range}}), Result::done);
  EXPECT_EQ(login.take_nodes(), (std::vector<Host>{{.name = "10.0.0.1", .port = 7}}));
  EXPECT_EQ(login.nodes_refusal(), "");
  for (const auto* words : {"NOPERM no", "ERR unknown command",
                            "ERR This instance has cluster "
                            "support disabled"}) {
    LoginStep other(url_, "name");
    reply_to(other, status("OK"));
    EXPECT_EQ(reply_to(other, error(words)), Result::done);
    EXPECT_TRUE(other.take_nodes().empty());
    EXPECT_EQ(other.nodes_refusal(), words);
  }
}

TEST_F(LoginStepTest, BehindSentinelsOnlyAMasterWillDo) {
  url_.kind = RedisUrl::Kind::sentinel;
  LoginStep login(url_, "name");
  EXPECT_EQ(login.opening(), command({"CLIENT", "SETNAME", "name"}) + command({"ROLE"}));
  EXPECT_EQ(reply_to(login, status("OK")), Result::more);
  EXPECT_EQ(reply_to(login, array({"master"})), Result::done);

  for (const RespValue& answer : {status("OK"), error("NOAUTH no"), RespValue{}}) {
    LoginStep other(url_, "name");
    reply_to(other, status("OK"));
    EXPECT_EQ(reply_to(other, answer), Result::failed);
    EXPECT_NE(fault_, "");
  }
  LoginStep replica(url_, "name");
  reply_to(replica, status("OK"));
  EXPECT_EQ(reply_to(replica, array({"slave"})), Result::not_yet) << "it may be the next master";
}

TEST_F(LoginStepTest, WhatIsNotNeededMayBeForbiddenRenamedOrUnknown) {
  url_.kind = RedisUrl::Kind::sentinel;
  url_.database = 3;
  for (const auto* words :
       {"NOPERM this user has no permissions to run the 'client|setname' command",
        "ERR unknown command 'CLIENT', with args beginning with: 'SETNAME' 'name' ",
        "ERR Unknown subcommand or wrong number of arguments for 'SETNAME'. Try CLIENT HELP.",
        "ERR unsupported command"}) {
    LoginStep login(url_, "name");
    EXPECT_EQ(reply_to(login, error(words)), Result::more) << "CLIENT: " << words;
    EXPECT_EQ(reply_to(login, error(words)), Result::more) << "SELECT: " << words;
    EXPECT_EQ(reply_to(login, error(words)), Result::done) << "ROLE: " << words;
  }
  LoginStep login(url_, "name");
  reply_to(login, status("OK"));
  EXPECT_EQ(reply_to(login, error("ERR DB index is out of range")), Result::failed);
}

TEST_F(LoginStepTest, WhatEndsByItselfIsNotYet) {
  for (const auto* words :
       {"LOADING Redis is loading the dataset in memory",
        "MASTERDOWN Connection with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "BUSY Redis is busy running a script.", "ERR max number of clients reached"}) {
    LoginStep login(url_, "name");
    EXPECT_EQ(reply_to(login, error(words)), Result::not_yet) << words;
    EXPECT_EQ(fault_, words);
  }
}

TEST_F(LoginStepTest, EachErrorIsReportedInRedisWordsButForAForbiddenName) {
  LoginStep login(url_, "name");
  EXPECT_EQ(reply_to(login, error("NOAUTH Authentication required.")), Result::failed);
  EXPECT_EQ(fault_, "NOAUTH Authentication required.");
  LoginStep nameless(url_, "name");
  EXPECT_EQ(reply_to(nameless, error("NOPERM this user has no permissions")), Result::done);
  LoginStep odd(url_, "name");
  EXPECT_EQ(reply_to(odd, {.kind = RespValue::Kind::integer, .integer = 1}), Result::failed);
  EXPECT_EQ(fault_, "an answer that was not expected");
}

TEST_F(LoginStepTest, TheReplyToAuthIsReportedWithoutThePassword) {
  url_.password = "hunter2";
  LoginStep login(url_, "name");
  EXPECT_EQ(
      reply_to(login, error("ERR unknown command 'AUTH', with args beginning with: 'hunter2'")),
      Result::failed);
  EXPECT_EQ(fault_, "ERR unknown command 'AUTH'");
  LoginStep other(url_, "name");
  reply_to(other, error("ERR \x1b[31mred"));
  EXPECT_EQ(fault_.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace wscast::redis
