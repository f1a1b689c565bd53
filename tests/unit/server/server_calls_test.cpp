#include "server/server_calls.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "wscast/error.h"

#include "support/fake_shards.h"

namespace wscast::server {
namespace {

using namespace std::chrono_literals;

using Texts = std::vector<std::string>;

std::string announcement(const std::string& id,
                         const std::string& rest = R"("stopped":false,"greeting":false)") {
  return R"({"serverId":")" + id +
         R"(","type":"server","target":"all","event":"announce","data":{"identifier":"one",)"
         R"("version":"1.2.3","startedAt":1000,"draining":false,"connections":4,"clients":3,)"
         R"("authenticated":2,"rooms":1,)" +
         rest + "}}";
}

std::string response(const std::string& from, int call, const std::string& body) {
  return R"({"serverId":")" + from +
         R"(","type":"server","target":"me","event":"response","data":{"id":)" +
         std::to_string(call) + (body.empty() ? "" : R"(,"response":)" + body) + "}}";
}

std::string request(const std::string& target, const std::string& data) {
  return R"({"serverId":"other","type":"server","target":")" + target +
         R"(","event":"request","data":)" + data + "}";
}

class ServerCallsTest : public testing::Test {
 protected:
  ServerCallsTest() {
    options_.announce = true;
    port_.start(loop_, executor_.counters(), {});
  }

  /// Announces itself, and forgets what it has published so far.
  void start() {
    calls_->start();
    if (!broker_.confirmations.empty()) broker_.confirmations.front()({});
    broker_.take();
  }
  void receive(const std::string& envelope) { broker_.host->on_envelope(envelope); }
  void pass(std::chrono::milliseconds time) {
    clock_.pass(time);
    executor_.run_timers();
  }
  std::error_code call(const std::string& server = {}) {
    const auto error = calls_->call({.server_id = server,
                                     .request = Json::text("1"),
                                     .on_result = [this](const ServersResult& result) {
                                       EXPECT_FALSE(result_) << "twice";
                                       result_ = result;
                                     }});
    executor_.run_posted();
    return error;
  }
  Texts ids() const {
    Texts ids;
    for (const ServerInfo& server : calls_->servers()) ids.push_back(server.id);
    return ids;
  }

  session::FakeClock clock_;
  FakeExecutor executor_{clock_};
  boost::asio::io_context loop_;
  FakeBroker broker_;
  ServerOptions options_;
  const std::string server_id_ = "me";
  const std::atomic<bool> running_{true};
  const NamedLog log_{"test"};
  BackplanePort port_{
      broker_,
      server_id_,
      log_,
      [this](const protocol::BackplaneMessage& message) { calls_->on_message(message); },
      [] {},
      [] {},
      [](const auto&) {}};
  std::optional<ServerCalls> calls_{std::in_place, executor_,
                                    ServerCalls::Parts{options_, server_id_, running_, log_, port_},
                                    [] { return ServerInfo{.identifier = "mine"}; }};
  std::optional<ServersResult> result_;
};

// shows: X11
TEST_F(ServerCallsTest, X11AnnouncesItselfOnceItIsSubscribedAndThenEvery5Seconds) {
  calls_->start();
  EXPECT_EQ(broker_.take(), (Texts{"subscribe ws:server:all", "subscribe ws:server:me"}));
  broker_.confirmations.front()({});
  const Texts first = broker_.take();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0],
            R"(publish ws:server:all: {"serverId":"me","type":"server","target":"all",)"
            R"("event":"announce","data":{"identifier":"mine","version":"","startedAt":0,)"
            R"("draining":false,"connections":0,"clients":0,"authenticated":0,"rooms":0,)"
            R"("stopped":false,"greeting":true}})");
  pass(4'999ms);
  EXPECT_EQ(broker_.take(), Texts{});
  pass(1ms);
  const Texts second = broker_.take();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_NE(second[0].find(R"("greeting":false)"), std::string::npos) << second[0];
}

TEST_F(ServerCallsTest, WhereTheBrokerRefusesTheChannelsNothingIsAnnounced) {
  calls_->start();
  broker_.take();
  broker_.confirmations.front()({"ws:server:all"});
  EXPECT_EQ(broker_.take(), (Texts{"unsubscribe ws:server:all", "unsubscribe ws:server:me"}));
  pass(20s);
  calls_->stop();
  EXPECT_EQ(broker_.take(), Texts{});
}

TEST_F(ServerCallsTest, WithoutTheOptionNothingIsSubscribedNorPublished) {
  options_.announce = false;
  calls_->start();
  receive(announcement("other"));
  pass(20s);
  EXPECT_EQ(broker_.take(), Texts{});
  EXPECT_EQ(ids(), Texts{"me"});
  EXPECT_FALSE(call());
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->unanswered, Texts{});
}

TEST_F(ServerCallsTest, X11KnowsWhoAnnouncedItselfUntilItIsSilentFor15Seconds) {
  start();
  receive(announcement("b"));
  receive(announcement("a"));
  const auto servers = calls_->servers();
  ASSERT_EQ(servers.size(), 3u);
  EXPECT_EQ(ids(), (Texts{"me", "a", "b"}));
  EXPECT_TRUE(servers[0].self);
  EXPECT_EQ(servers[1].identifier, "one");
  EXPECT_EQ(servers[1].version, "1.2.3");
  EXPECT_EQ(servers[1].started_at, std::chrono::system_clock::time_point(1s));
  EXPECT_EQ(servers[1].connections, 4u);
  EXPECT_EQ(servers[1].clients, 3u);
  EXPECT_EQ(servers[1].authenticated, 2u);
  EXPECT_EQ(servers[1].rooms, 1u);
  pass(10s);
  receive(announcement("a"));
  pass(5s);
  EXPECT_EQ(ids(), (Texts{"me", "a"}));
}

TEST_F(ServerCallsTest, X11NobodyIsForgottenWhileTheBrokerIsAway) {
  start();
  receive(announcement("a"));
  broker_.why = "Redis is away";
  pass(60s);
  EXPECT_EQ(ids(), (Texts{"me", "a"}));
  broker_.why.clear();
  pass(10s);
  EXPECT_EQ(ids(), (Texts{"me", "a"}));
  pass(5s);
  EXPECT_EQ(ids(), Texts{"me"});
}

TEST_F(ServerCallsTest, X11AGreetingIsAnsweredByAnAnnouncement) {
  start();
  receive(announcement("a", R"("stopped":false,"greeting":true)"));
  EXPECT_EQ(broker_.take().size(), 1u);
  receive(announcement("a"));
  EXPECT_EQ(broker_.take(), Texts{});
}

TEST_F(ServerCallsTest, X11AServerThatStopsSaysSoAndIsForgotten) {
  start();
  receive(announcement("a"));
  receive(announcement("a", R"("stopped":true,"greeting":false)"));
  EXPECT_EQ(ids(), Texts{"me"});
  calls_->stop();
  const Texts last = broker_.take();
  ASSERT_EQ(last.size(), 1u);
  EXPECT_NE(last[0].find(R"("stopped":true)"), std::string::npos) << last[0];
  pass(20s);
  EXPECT_EQ(broker_.take(), Texts{}) << "it announces itself no longer";
}

TEST_F(ServerCallsTest, X11ACallReachesAllAndCollectsTheirResponses) {
  start();
  receive(announcement("a"));
  receive(announcement("b"));
  EXPECT_FALSE(call());
  EXPECT_EQ(broker_.take(),
            Texts{R"(publish ws:server:all: {"serverId":"me","type":"server","target":"all",)"
                  R"("event":"request","data":{"id":1,"timeoutMs":500,"request":1}})"});
  receive(response("b", 1, R"({"n":2})"));
  EXPECT_FALSE(result_) << "one is missing";
  receive(response("a", 1, "[1]"));
  ASSERT_TRUE(result_);
  ASSERT_EQ(result_->responses.size(), 2u);
  EXPECT_EQ(result_->responses[0].server_id, "b");
  EXPECT_EQ(result_->responses[0].response, R"({"n":2})");
  EXPECT_EQ(result_->responses[1].response, "[1]");
  EXPECT_EQ(result_->unanswered, Texts{});
  pass(1s);
  receive(response("a", 1, "[1]"));
}

TEST_F(ServerCallsTest, X11WhoDoesNotRespondInTimeOrFailsIsNamed) {
  start();
  for (const char* id : {"a", "b", "c"}) receive(announcement(id));
  EXPECT_FALSE(call());
  receive(response("c", 1, ""));
  receive(response("b", 1, "0"));
  pass(499ms);
  EXPECT_FALSE(result_);
  pass(1ms);
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->responses.size(), 1u);
  EXPECT_EQ(result_->unanswered, (Texts{"a", "c"}));
  EXPECT_EQ(executor_.count(Counter::server_calls), 1u);
  EXPECT_EQ(executor_.count(Counter::server_calls_unanswered), 2u);
}

TEST_F(ServerCallsTest, X11ACallOfOneServerGoesToItsOwnChannel) {
  start();
  EXPECT_FALSE(call("a"));
  const Texts sent = broker_.take();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].starts_with("publish ws:server:a: ")) << sent[0];
  receive(response("a", 1, "0"));
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->responses.size(), 1u);
}

TEST_F(ServerCallsTest, WithoutOthersACallEndsAtOnce) {
  start();
  EXPECT_FALSE(call());
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->responses.size(), 0u);
  EXPECT_EQ(broker_.take(), Texts{});
}

TEST_F(ServerCallsTest, ACallThatRedisDidNotGetEndsAtOnce) {
  start();
  receive(announcement("a"));
  EXPECT_FALSE(call());
  EXPECT_FALSE(result_);
  broker_.reports.back()(Backplane::down);
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->unanswered, Texts{"a"});
}

TEST_F(ServerCallsTest, CallsUnderWayEndWhenTheServerStops) {
  start();
  receive(announcement("a"));
  EXPECT_FALSE(call());
  calls_->stop();
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->unanswered, Texts{"a"});
}

TEST_F(ServerCallsTest, CallsThatCannotBeMadeAreRefused) {
  start();
  const auto ignore = [](const ServersResult&) {};
  EXPECT_EQ(calls_->call({.request = Json::text("1")}), Errc::invalid_json) << "no on_result";
  EXPECT_EQ(calls_->call({.request = Json::text("{"), .on_result = ignore}), Errc::invalid_json);
  EXPECT_EQ(calls_->call({.request = {}, .on_result = ignore}), Errc::invalid_json);
  for (const auto timeout : {0ms, 10'001ms}) {
    EXPECT_EQ(calls_->call({.request = Json::text("1"), .timeout = timeout, .on_result = ignore}),
              Errc::invalid_json);
  }
  broker_.max_bytes = 100;
  EXPECT_EQ(calls_->call({.request = Json::text("1"), .on_result = ignore}), Errc::message_too_big);
  broker_.max_bytes = 1'000;
  receive(announcement("a"));
  for (std::size_t i = 0; i < ServerCalls::kMaxCalls; ++i) {
    ASSERT_FALSE(calls_->call({.request = Json::text("1"), .on_result = ignore}));
  }
  EXPECT_EQ(calls_->call({.request = Json::text("1"), .on_result = ignore}), Errc::overloaded);
  executor_.run_posted();
  pass(500ms);
  EXPECT_FALSE(calls_->call({.request = Json::text("1"), .on_result = ignore}));
}

TEST_F(ServerCallsTest, CallsForWhichThereIsNoMemoryTakeNoPlace) {
  start();
  const CallServers call{.request = Json::text("1"), .on_result = [](const ServersResult&) {}};
  executor_.out_of_memory = true;
  for (std::size_t i = 0; i < ServerCalls::kMaxCalls; ++i) {
    EXPECT_THROW(calls_->call(call), std::bad_alloc);
  }
  executor_.out_of_memory = false;
  EXPECT_FALSE(calls_->call(call));
}

TEST_F(ServerCallsTest, X11TheHookRespondsToCallsOfOthers) {
  options_.hooks.server_call = [](const ServerCallRequest& call) {
    return R"({"from":")" + std::string(call.from) + R"(","got":)" +
           std::string(call.request.view()) + "}";
  };
  start();
  receive(request("me", R"({"id":7,"timeoutMs":500,"request":[1, 2]})"));
  EXPECT_EQ(
      broker_.take(),
      Texts{R"(publish ws:server:other: {"serverId":"me","type":"server","target":"other",)"
            R"("event":"response","data":{"id":7,"response":{"from":"other","got":[1, 2]}}})"});
  receive(request("all", R"({"id":8,"timeoutMs":500,"request":0})"));
  EXPECT_EQ(broker_.take().size(), 1u);
  receive(request("somebody else", R"({"id":9,"timeoutMs":500,"request":0})"));
  EXPECT_EQ(broker_.take(), Texts{});
  EXPECT_EQ(executor_.count(Counter::server_requests), 2u);
}

TEST_F(ServerCallsTest, X11AHookThatFailsIsToldTheCallerAtOnce) {
  const std::string failed =
      R"(publish ws:server:other: {"serverId":"me","type":"server","target":"other",)"
      R"("event":"response","data":{"id":7}})";
  start();
  receive(request("me", R"({"id":7,"timeoutMs":500,"request":0})"));
  EXPECT_EQ(broker_.take(), Texts{failed}) << "there is no hook";
  EXPECT_EQ(executor_.count(Counter::server_requests_refused), 1u);
  options_.hooks.server_call = [](const ServerCallRequest&) -> std::string {
    throw std::runtime_error("no");
  };
  receive(request("me", R"({"id":7,"timeoutMs":500,"request":0})"));
  EXPECT_EQ(broker_.take(), Texts{failed});
  options_.hooks.server_call = [](const ServerCallRequest&) { return std::string("{"); };
  receive(request("me", R"({"id":7,"timeoutMs":500,"request":0})"));
  EXPECT_EQ(broker_.take(), Texts{failed});
  options_.hooks.server_call = [](const ServerCallRequest&) {
    return '"' + std::string(2'000, 'x') + '"';
  };
  broker_.max_bytes = 1'000;
  receive(request("me", R"({"id":7,"timeoutMs":500,"request":0})"));
  EXPECT_EQ(broker_.take(), Texts{failed}) << "the response is too long for the broker";
}

TEST_F(ServerCallsTest, AResponseThatNobodyWaitsForIsNotSent) {
  std::optional<Reply<std::string>> reply;
  options_.hooks.server_call = [&reply](const ServerCallRequest&, Reply<std::string> given) {
    reply = std::move(given);
  };
  start();
  receive(request("me", R"({"id":7,"timeoutMs":500,"request":0})"));
  clock_.pass(500ms);
  (*reply)(std::string("1"));
  executor_.run_posted();
  EXPECT_EQ(broker_.take(), Texts{});
}

TEST_F(ServerCallsTest, MoreRequestsThanItCanServeAreRefused) {
  std::vector<Reply<std::string>> replies;
  options_.hooks.server_call = [&replies](const ServerCallRequest&, Reply<std::string> given) {
    replies.push_back(std::move(given));
  };
  start();
  for (std::size_t i = 0; i < ServerCalls::kMaxRequests; ++i) {
    receive(request("me", R"({"id":7,"timeoutMs":500,"request":0})"));
  }
  EXPECT_EQ(broker_.take(), Texts{});
  receive(request("me", R"({"id":7,"timeoutMs":500,"request":0})"));
  EXPECT_EQ(broker_.take().size(), 1u);
  EXPECT_EQ(executor_.count(Counter::server_requests_refused), 1u);
  replies[0](std::string("1"));
  executor_.run_posted();
  EXPECT_EQ(broker_.take().size(), 1u);
  receive(request("me", R"({"id":7,"timeoutMs":500,"request":0})"));
  EXPECT_EQ(executor_.count(Counter::server_requests_refused), 1u);
}

TEST_F(ServerCallsTest, WhatIsNotOfTheFormIsIgnored) {
  start();
  receive(announcement("a"));
  broker_.take();
  for (const char* data :
       {"1", "{}", R"({"id":"7","timeoutMs":500,"request":0})", R"({"id":7,"request":0})",
        R"({"id":7,"timeoutMs":-1,"request":0})", R"({"id":7,"timeoutMs":10001,"request":0})",
        R"({"id":1.5,"timeoutMs":500,"request":0})", R"({"id":7,"timeoutMs":500})"}) {
    receive(request("me", data));
    EXPECT_EQ(broker_.take(), Texts{}) << data;
  }
  receive(announcement("x", R"("stopped":false)"));
  receive(announcement("x", R"("stopped":0,"greeting":false)"));
  EXPECT_EQ(ids(), (Texts{"me", "a"}));
  EXPECT_FALSE(call());
  receive(response("a", 2, "1"));
  EXPECT_FALSE(result_) << "of another call";
}

}  // namespace
}  // namespace wscast::server
