#include "broker/redis/discovery/master_query.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "unit/broker/redis/redis_commands.h"

namespace wscast::redis {
namespace {

using Result = HandshakeStep::Result;

class MasterQueryTest : public testing::Test {
 protected:
  Result reply(const RespValue& reply) {
    more_.clear();
    return query_.on_reply(reply, more_, fault_);
  }

  MasterQueryTest() {
    url_.password = "pass";
    url_.master_name = "main";
  }

  RedisUrl url_;
  MasterQuery query_{url_};
  std::string more_;
  std::string fault_;
};

TEST_F(MasterQueryTest, AnAddressEndsIt) {
  EXPECT_EQ(query_.opening(), command({"SENTINEL", "get-master-addr-by-name", "main"}));
  EXPECT_EQ(reply(array({"10.0.0.1", "6380"})), Result::done);
  EXPECT_EQ(query_.master(), (Host{.name = "10.0.0.1", .port = 6380}));
}

TEST_F(MasterQueryTest, AnUnknownNameIsReported) {
  EXPECT_EQ(reply({.kind = RespValue::Kind::nil}), Result::failed);
  EXPECT_EQ(fault_, "knows no master 'main'");
}

TEST_F(MasterQueryTest, WhatIsNoAddressIsRefused) {
  for (const std::string_view port : {"", "0", "65536", "-1", "80x"}) {
    MasterQuery query(url_);
    EXPECT_EQ(query.on_reply(array({"10.0.0.1", port}), more_, fault_), Result::failed) << port;
  }
  EXPECT_EQ(reply({.kind = RespValue::Kind::array}), Result::failed);
}

TEST_F(MasterQueryTest, ItLogsInOnlyWhenItMust) {
  EXPECT_EQ(reply(error("NOAUTH Authentication required.")), Result::more);
  EXPECT_EQ(more_,
            command({"AUTH", "pass"}) + command({"SENTINEL", "get-master-addr-by-name", "main"}));
  EXPECT_EQ(reply({.kind = RespValue::Kind::status, .text = "OK"}), Result::more);
  EXPECT_EQ(more_, "");
  EXPECT_EQ(reply(array({"10.0.0.1", "6380"})), Result::done);
}

TEST_F(MasterQueryTest, ARefusedLoginIsReportedAndNotTriedTwice) {
  reply(error("NOAUTH Authentication required."));
  EXPECT_EQ(reply(error("WRONGPASS no")), Result::failed);
  EXPECT_EQ(fault_, "WRONGPASS no");

  MasterQuery again(url_);
  again.on_reply(error("NOAUTH Authentication required."), more_, fault_);
  again.on_reply({.kind = RespValue::Kind::status, .text = "OK"}, more_, fault_);
  EXPECT_EQ(again.on_reply(error("NOAUTH still"), more_, fault_), Result::failed);
  EXPECT_EQ(fault_, "NOAUTH still");
}

TEST_F(MasterQueryTest, WithoutAPasswordTheRefusalIsReported) {
  url_.password.clear();
  EXPECT_EQ(reply(error("NOAUTH Authentication required.")), Result::failed);
  EXPECT_EQ(fault_, "NOAUTH Authentication required.");
}

TEST_F(MasterQueryTest, ASentinelWhoseDefaultUserMayDoLittleIsLoggedInToToo) {
  EXPECT_EQ(reply(error("NOPERM this user has no permissions to run the 'sentinel' command")),
            Result::more);
  EXPECT_EQ(reply({.kind = RespValue::Kind::status, .text = "OK"}), Result::more);
  EXPECT_EQ(reply(error("NOPERM still")), Result::failed);
  EXPECT_EQ(fault_, "NOPERM still");
}

}  // namespace
}  // namespace wscast::redis
