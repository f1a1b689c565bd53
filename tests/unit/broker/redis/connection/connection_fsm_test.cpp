#include "broker/redis/connection/connection_fsm.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/broker/redis/fixed_random.h"
#include "unit/broker/redis/redis_commands.h"

namespace wscast::redis {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

using Lines = std::vector<std::string>;

struct Text {
  std::string operator()(const ConnectionFsm::Resolve& /*action*/) { return "resolve"; }
  std::string operator()(const ConnectionFsm::Connect& action) {
    return "connect " + std::to_string(action.first) + (action.tls ? " tls" : "");
  }
  std::string operator()(const ConnectionFsm::Write& action) {
    std::string text = "write";
    for (const auto& command : commands_in(action.commands)) text += " " + command.front();
    return text;
  }
  std::string operator()(const ConnectionFsm::Close& /*action*/) { return "close"; }
  std::string operator()(const ConnectionFsm::StartTimer& action) {
    return "timer " + std::to_string(action.delay.count());
  }
  std::string operator()(const ConnectionFsm::StopTimer& /*action*/) { return "stop timer"; }
  std::string operator()(const ConnectionFsm::Defer& /*action*/) { return "defer"; }
  std::string operator()(const ConnectionFsm::ReportReady& /*action*/) { return "ready"; }
  std::string operator()(const ConnectionFsm::ReportLost& action) {
    return (action.was_ready ? "lost " : "failed ") + action.why;
  }
};

Lines lines(const ConnectionFsm::Actions& actions) {
  Lines texts;
  for (const auto& action : actions) texts.push_back(std::visit(Text{}, action));
  return texts;
}

RespValue ok() {
  return status("OK");
}

class ConnectionFsmTest : public testing::Test {
 protected:
  explicit ConnectionFsmTest(const std::string& url = "redis://a:1") { make(url); }

  void make(const std::string& url) {
    std::string fault;
    fsm_.emplace(options_, *parse_redis_url(url, fault), "name", random_);
  }

  ConnectionFsm& fsm() { return *fsm_; }

  /// From start(), or the timer, until it is connected.
  void connect() {
    fsm().on_resolved(1);
    fsm().on_connected();
  }

  void become_ready() {
    fsm().start();
    connect();
    ASSERT_THAT(lines(fsm().on_reply(ok())), ElementsAre("stop timer", "ready"));
  }

  RedisOptions options_;
  FixedRandom random_{0};
  std::optional<ConnectionFsm> fsm_;
};

TEST_F(ConnectionFsmTest, ResolvesConnectsAndIsReadyAfterTheHandshake) {
  EXPECT_EQ(fsm().status(), "connecting");
  EXPECT_THAT(lines(fsm().start()), ElementsAre("timer 1000", "resolve"));
  EXPECT_EQ(fsm().peer().text(), "a:1");
  EXPECT_THAT(lines(fsm().on_resolved(2)), ElementsAre("connect 0"));
  EXPECT_EQ(fsm().status(), "connecting");
  EXPECT_THAT(lines(fsm().on_connected()), ElementsAre("write CLIENT"));
  EXPECT_EQ(fsm().status(), "connect");
  EXPECT_FALSE(fsm().ready());
  EXPECT_THAT(lines(fsm().on_reply(ok())), ElementsAre("stop timer", "ready"));
  EXPECT_EQ(fsm().status(), "ready");
  EXPECT_TRUE(fsm().ready());
}

TEST_F(ConnectionFsmTest, ALostConnectionIsReportedFromTheLoopAndMadeAgainAfterAPause) {
  become_ready();
  EXPECT_THAT(lines(fsm().on_error("closed", false)), ElementsAre("close", "stop timer", "defer"));
  EXPECT_EQ(fsm().status(), "reconnecting");
  EXPECT_THAT(lines(fsm().on_deferred()), ElementsAre("timer 100", "lost a:1: closed"));
  EXPECT_THAT(lines(fsm().on_timer()), ElementsAre("timer 1000", "resolve"));
  EXPECT_EQ(fsm().status(), "connecting");
}

TEST_F(ConnectionFsmTest, ThePauseIsRandomWithinItsLimits) {
  options_.min_reconnect_delay = milliseconds(100);
  options_.max_reconnect_delay = milliseconds(109);
  for (const int number : {0, 9, 10}) {
    become_ready();
    fsm().on_error("closed", false);
    random_.number = static_cast<std::uint8_t>(number);
    EXPECT_EQ(lines(fsm().on_deferred()).front(), "timer " + std::to_string(100 + number % 10));
  }
}

TEST_F(ConnectionFsmTest, AFailedAttemptHasTheReasonsOfAllItsHosts) {
  make("redis-cluster://a:1,b:2");
  fsm().start();
  EXPECT_THAT(lines(fsm().on_error("unknown", false)),
              ElementsAre("close", "timer 1000", "resolve"));
  EXPECT_EQ(fsm().peer().text(), "b:2");
  connect();
  EXPECT_THAT(lines(fsm().on_error("refused", false)), ElementsAre("close", "stop timer", "defer"));
  EXPECT_THAT(lines(fsm().on_deferred()),
              ElementsAre("timer 100", "failed a:1: unknown; b:2: refused"));
}

TEST_F(ConnectionFsmTest, EachFailedAttemptBeginsWithAnotherAddress) {
  for (const auto* expected : {"connect 0", "connect 1", "connect 2", "connect 0"}) {
    fsm().start();
    EXPECT_THAT(lines(fsm().on_resolved(3)), ElementsAre(expected));
    fsm().on_error("refused", false);
    fsm().on_deferred();
  }
}

TEST_F(ConnectionFsmTest, AfterAConnectionTheFirstAddressIsTriedAgain) {
  fsm().start();
  fsm().on_error("refused", false);
  become_ready();
  fsm().on_error("closed", false);
  fsm().start();
  EXPECT_THAT(lines(fsm().on_resolved(2)), ElementsAre("connect 0"));
}

TEST_F(ConnectionFsmTest, TheTimerEndsWhatTakesTooLong) {
  make("rediss://a:1");
  const auto timeout = [this] {
    EXPECT_THAT(lines(fsm().on_timer()), ElementsAre("close", "stop timer", "defer"));
    EXPECT_TRUE(fsm().unresponsive());
    return lines(fsm().on_deferred()).back();
  };
  fsm().start();
  EXPECT_EQ(timeout(), "failed a:1: the name was not resolved within 1000 ms");
  fsm().start();
  EXPECT_THAT(lines(fsm().on_resolved(1)), ElementsAre("connect 0 tls"));
  EXPECT_EQ(timeout(), "failed a:1: no connection within 1000 ms");
  fsm().start();
  fsm().on_resolved(1);
  fsm().on_securing();
  EXPECT_EQ(fsm().status(), "connecting");
  EXPECT_EQ(timeout(), "failed a:1: no answer to TLS within 1000 ms");
  fsm().start();
  connect();
  EXPECT_EQ(timeout(), "failed a:1: no answer within 1000 ms");
}

TEST_F(ConnectionFsmTest, TheTimeoutIsAtLeastASecond) {
  options_.answer_timeout = milliseconds(5);
  EXPECT_THAT(lines(fsm().start()), ElementsAre("timer 1000", "resolve"));
  options_.answer_timeout = milliseconds(3'000);
  EXPECT_THAT(lines(fsm().start()), ElementsAre("timer 3000", "resolve"));
}

TEST_F(ConnectionFsmTest, TheWorstHostDecidesWhetherWaitingHelps) {
  make("redis-cluster://a:1,b:2");
  EXPECT_TRUE(fsm().unresponsive());
  fsm().start();
  fsm().on_timer();
  EXPECT_TRUE(fsm().unresponsive());
  fsm().on_error("refused", false);
  EXPECT_FALSE(fsm().unresponsive());
  EXPECT_TRUE(fsm().may_succeed_later());
  fsm().on_deferred();
  fsm().on_timer();
  EXPECT_TRUE(fsm().unresponsive()) << "a new attempt";
  fsm().on_error("a certificate", true);
  fsm().on_timer();
  EXPECT_FALSE(fsm().may_succeed_later());
}

TEST_F(ConnectionFsmTest, ARefusedLoginIsLastingAndALoadingRedisIsNot) {
  fsm().start();
  connect();
  fsm().on_reply(error("LOADING soon"));
  EXPECT_TRUE(fsm().may_succeed_later());
  EXPECT_FALSE(fsm().unresponsive());
  EXPECT_EQ(lines(fsm().on_deferred()).back(), "failed a:1: LOADING soon");
  make("redis://:password@a:1");
  fsm().start();
  connect();
  fsm().on_reply(error("WRONGPASS no"));
  EXPECT_FALSE(fsm().may_succeed_later());
  EXPECT_EQ(lines(fsm().on_deferred()).back(), "failed a:1: WRONGPASS no");
}

TEST_F(ConnectionFsmTest, ASentinelLeadsToTheMaster) {
  make("redis-sentinel://s:1/main");
  fsm().start();
  EXPECT_EQ(fsm().peer().text(), "s:1");
  fsm().on_resolved(1);
  EXPECT_THAT(lines(fsm().on_connected()), ElementsAre("write SENTINEL"));
  EXPECT_THAT(lines(fsm().on_reply(array({"m", "2"}))),
              ElementsAre("close", "timer 1000", "resolve"));
  EXPECT_EQ(fsm().peer().text(), "m:2");
  fsm().on_resolved(1);
  EXPECT_THAT(lines(fsm().on_connected()), ElementsAre("write CLIENT ROLE"));
  EXPECT_THAT(lines(fsm().on_reply(ok())), IsEmpty());
  EXPECT_THAT(lines(fsm().on_reply(array({"master"}))), ElementsAre("stop timer", "ready"));
}

TEST_F(ConnectionFsmTest, AStepMaySendMore) {
  make("redis-sentinel://:password@s:1/main");
  fsm().start();
  connect();
  EXPECT_THAT(lines(fsm().on_reply(error("NOAUTH first"))), ElementsAre("write AUTH SENTINEL"));
}

TEST_F(ConnectionFsmTest, ANodeThatTheClusterNamedIsTriedToo) {
  make("redis-cluster://a:1");
  fsm().start();
  connect();
  fsm().on_reply(ok());
  const RespValue port{.kind = RespValue::Kind::integer, .integer = 2};
  RespValue node = array({"b"});
  node.elements.push_back(port);
  const RespValue range{.kind = RespValue::Kind::array, .elements = {port, port, node}};
  EXPECT_THAT(lines(fsm().on_reply({.kind = RespValue::Kind::array, .elements = {range}})),
              ElementsAre("stop timer", "ready"));
  fsm().on_error("closed", false);
  fsm().start();
  EXPECT_EQ(fsm().peer().text(), "a:1");
  fsm().on_error("refused", false);
  EXPECT_EQ(fsm().peer().text(), "b:2");
}

TEST_F(ConnectionFsmTest, ReconnectingGivesUpTheConnectionOrTheAttempt) {
  EXPECT_THAT(lines(fsm().reconnect("why")), IsEmpty()) << "not started";
  become_ready();
  EXPECT_THAT(lines(fsm().reconnect("why")), ElementsAre("close", "stop timer", "defer"));
  EXPECT_THAT(lines(fsm().reconnect("again")), IsEmpty());
  EXPECT_EQ(lines(fsm().on_deferred()).back(), "lost a:1: why");
  EXPECT_THAT(lines(fsm().reconnect("again")), IsEmpty()) << "the next attempt waits already";
  fsm().on_timer();
  EXPECT_THAT(lines(fsm().reconnect("why")), ElementsAre("close", "stop timer", "defer"));
  EXPECT_EQ(lines(fsm().on_deferred()).back(), "failed a:1: why");
}

TEST_F(ConnectionFsmTest, WhateverWasInterruptedBeginsAnewAndIsReported) {
  EXPECT_THAT(lines(fsm().abort()), IsEmpty()) << "not started";
  become_ready();
  EXPECT_THAT(lines(fsm().abort()), ElementsAre("stop timer", "defer"));
  EXPECT_THAT(lines(fsm().abort()), ElementsAre("stop timer", "defer")) << "in the midst of that";
  EXPECT_EQ(lines(fsm().on_deferred()).back(), "lost a:1: out of memory");
  EXPECT_THAT(lines(fsm().abort()), ElementsAre("stop timer", "defer")) << "before its timer ran";
  EXPECT_EQ(lines(fsm().on_deferred()).back(), "failed a:1: out of memory");
  fsm().on_timer();
  EXPECT_THAT(lines(fsm().abort()), ElementsAre("stop timer", "defer"));
  EXPECT_EQ(lines(fsm().on_deferred()).back(), "failed a:1: out of memory");
  fsm().stop();
  EXPECT_THAT(lines(fsm().abort()), IsEmpty());
}

TEST_F(ConnectionFsmTest, StoppedNothingHappensAnyMore) {
  become_ready();
  fsm().on_error("closed", false);
  fsm().stop();
  EXPECT_EQ(fsm().status(), "end");
  EXPECT_THAT(lines(fsm().on_deferred()), IsEmpty());
  EXPECT_THAT(lines(fsm().on_timer()), IsEmpty());
  EXPECT_THAT(lines(fsm().on_error("closed", false)), IsEmpty());
  EXPECT_THAT(lines(fsm().reconnect("why")), IsEmpty());
}

TEST_F(ConnectionFsmTest, ALateTimerDoesNotEndAReadyConnection) {
  become_ready();
  EXPECT_THAT(lines(fsm().on_timer()), IsEmpty());
  EXPECT_TRUE(fsm().ready());
}

TEST_F(ConnectionFsmTest, AUnixSocketHasNoTls) {
  options_.tls = true;
  make("unix:///run/redis.sock");
  fsm().start();
  EXPECT_THAT(lines(fsm().on_resolved(1)), ElementsAre("connect 0"));
}

}  // namespace
}  // namespace wscast::redis
