#include "broker/redis/master_query.h"

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

Reply address(std::string_view name, std::string_view port) {
  return {.kind = Reply::Kind::array,
          .elements = {{.kind = Reply::Kind::bulk, .text = name},
                       {.kind = Reply::Kind::bulk, .text = port}}};
}

Reply error(std::string_view text) {
  return {.kind = Reply::Kind::error, .text = text};
}

class MasterQueryTest : public testing::Test {
 protected:
  Verdict take(const Reply& reply) {
    more_.clear();
    return query_.take(reply, more_, fault_);
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
  EXPECT_EQ(take(address("10.0.0.1", "6380")), Verdict::done);
  EXPECT_EQ(query_.master(), (Host{.name = "10.0.0.1", .port = 6380}));
}

TEST_F(MasterQueryTest, AnUnknownNameIsTold) {
  EXPECT_EQ(take({.kind = Reply::Kind::nil}), Verdict::failed);
  EXPECT_EQ(fault_, "knows no master 'main'");
}

TEST_F(MasterQueryTest, WhatIsNoAddressIsRefused) {
  for (const std::string_view port : {"", "0", "65536", "-1", "80x"}) {
    MasterQuery query(url_);
    EXPECT_EQ(query.take(address("10.0.0.1", port), more_, fault_), Verdict::failed) << port;
  }
  EXPECT_EQ(take({.kind = Reply::Kind::array}), Verdict::failed);
}

TEST_F(MasterQueryTest, ItLogsInOnlyWhenItMust) {
  EXPECT_EQ(take(error("NOAUTH Authentication required.")), Verdict::more);
  EXPECT_EQ(more_,
            command({"AUTH", "pass"}) + command({"SENTINEL", "get-master-addr-by-name", "main"}));
  EXPECT_EQ(take({.kind = Reply::Kind::status, .text = "OK"}), Verdict::more);
  EXPECT_EQ(more_, "");
  EXPECT_EQ(take(address("10.0.0.1", "6380")), Verdict::done);
}

TEST_F(MasterQueryTest, ARefusedLoginIsToldAndNotTriedTwice) {
  take(error("NOAUTH Authentication required."));
  EXPECT_EQ(take(error("WRONGPASS no")), Verdict::failed);
  EXPECT_EQ(fault_, "WRONGPASS no");

  MasterQuery again(url_);
  again.take(error("NOAUTH Authentication required."), more_, fault_);
  again.take({.kind = Reply::Kind::status, .text = "OK"}, more_, fault_);
  EXPECT_EQ(again.take(error("NOAUTH still"), more_, fault_), Verdict::failed);
  EXPECT_EQ(fault_, "NOAUTH still");
}

TEST_F(MasterQueryTest, WithoutAPasswordTheRefusalIsTold) {
  url_.password.clear();
  EXPECT_EQ(take(error("NOAUTH Authentication required.")), Verdict::failed);
  EXPECT_EQ(fault_, "NOAUTH Authentication required.");
}

TEST_F(MasterQueryTest, ASentinelWhoseDefaultUserMayDoLittleIsLoggedInToToo) {
  EXPECT_EQ(take(error("NOPERM this user has no permissions to run the 'sentinel' command")),
            Verdict::more);
  EXPECT_EQ(take({.kind = Reply::Kind::status, .text = "OK"}), Verdict::more);
  EXPECT_EQ(take(error("NOPERM still")), Verdict::failed);
  EXPECT_EQ(fault_, "NOPERM still");
}

}  // namespace
}  // namespace wscast::redis
