#include "server/backplane_port.h"

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "support/fake_shards.h"

namespace wscast::server {
namespace {

using Texts = std::vector<std::string>;

class BackplanePortTest : public testing::Test {
 protected:
  BackplanePortTest() { port_.start(loop_, counters_, {}); }

  void receive(std::string_view envelope) { broker_.host->on_envelope(envelope); }
  std::uint64_t count(Counter counter) const {
    Stats stats;
    counters_.add_to(stats);
    return stats[counter];
  }
  std::shared_ptr<PublishAggregator> aggregator() {
    auto made = std::make_shared<PublishAggregator>(
        [this](const PublishResult& result) { results_.push_back(result.backplane); });
    made->expect(1);
    return made;
  }
  void publish() {
    port_.publish({"channel", "envelope", aggregator()},
                  [](const std::shared_ptr<PublishAggregator>& complete) { complete->complete(); });
  }

  boost::asio::io_context loop_;
  Counters counters_;
  FakeBroker broker_;
  const std::string server_id_ = "me";
  const NamedLog log_{"test"};
  Texts events_;
  int gaps_ = 0;
  Texts lost_;
  BackplanePort port_{
      broker_,
      server_id_,
      log_,
      [this](const protocol::BackplaneMessage& message) { events_.push_back(message.event); },
      [this] { events_.push_back("read end"); },
      [this] { ++gaps_; },
      [this](const Texts& channels) { lost_ = channels; }};
  std::vector<Backplane> results_;
};

TEST_F(BackplanePortTest, PassesOnWhatOtherServersPublish) {
  receive(R"({"serverId":"other","type":"broadcast","event":"e"})");
  EXPECT_EQ(events_, Texts{"e"});
  EXPECT_EQ(count(Counter::broker_messages), 1u);
}

TEST_F(BackplanePortTest, PassesOnWhenNothingMoreWasReadTogether) {
  receive(R"({"serverId":"other","type":"broadcast","event":"e"})");
  broker_.host->on_read_end();
  EXPECT_EQ(events_, (Texts{"e", "read end"}));
}

TEST_F(BackplanePortTest, R2DropsWhatThisServerPublished) {
  receive(R"({"serverId":"me","type":"broadcast","event":"e"})");
  EXPECT_EQ(events_, Texts{});
  EXPECT_EQ(count(Counter::broker_messages), 0u);
  EXPECT_EQ(count(Counter::broker_unroutable), 0u) << "it is no fault";
}

TEST_F(BackplanePortTest, R1R3DropsAndCountsWhatIsNoMessage) {
  receive("{");
  receive(R"({"serverId":"other","type":"nobody","event":"e"})");
  EXPECT_EQ(events_, Texts{});
  EXPECT_EQ(count(Counter::broker_malformed), 1u);
  EXPECT_EQ(count(Counter::broker_unroutable), 1u);
}

TEST_F(BackplanePortTest, X3AGapIsCountedAndReported) {
  broker_.host->on_gap(std::chrono::milliseconds(1'500));
  EXPECT_EQ(gaps_, 1);
  EXPECT_EQ(count(Counter::subscription_gaps), 1u);
  port_.stop([] {});
  broker_.host->on_gap(std::chrono::milliseconds(1));
  EXPECT_EQ(gaps_, 1) << "nobody is left to be told";
}

TEST_F(BackplanePortTest, X3ALossIsReportedUntilItIsStopped) {
  broker_.host->on_loss({"ws:room:a"});
  EXPECT_EQ(lost_, Texts{"ws:room:a"});
  port_.stop([] {});
  broker_.host->on_loss({"ws:room:b"});
  EXPECT_EQ(lost_, Texts{"ws:room:a"}) << "nobody is left to be told";
}

TEST_F(BackplanePortTest, TheBrokersReportCompletesAMessage) {
  publish();
  EXPECT_EQ(broker_.take(), Texts{"publish channel: envelope"});
  EXPECT_TRUE(results_.empty());
  broker_.reports.front()(Backplane::unknown);
  EXPECT_EQ(results_, std::vector{Backplane::unknown});
}

TEST_F(BackplanePortTest, AfterStopAMessageIsReportedDown) {
  port_.stop([] {});
  publish();
  port_.subscribe({"a"}, {});
  port_.change_interest({{"b"}, {"c"}});
  EXPECT_EQ(broker_.take(), Texts{});
  EXPECT_EQ(results_, std::vector{Backplane::down});
}

TEST_F(BackplanePortTest, ChangesOfInterestReachTheBroker) {
  port_.change_interest({{"a", "b"}, {"c"}});
  EXPECT_EQ(broker_.take(), (Texts{"subscribe a", "subscribe b", "unsubscribe c"}));
  port_.change_interest({});
  EXPECT_EQ(broker_.take(), Texts{});
}

TEST_F(BackplanePortTest, AbandonIsForABrokerThatWasStarted) {
  port_.abandon();
  EXPECT_EQ(broker_.take(), Texts{"abandon"});
  BackplanePort other(broker_, server_id_, log_, {}, {}, {}, {});
  other.abandon();
  EXPECT_EQ(broker_.take(), Texts{});
}

}  // namespace
}  // namespace wscast::server
