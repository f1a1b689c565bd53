#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/redis.h"

#include "base/counters.h"
#include "broker/broker.h"

namespace wscast::test {

class BrokerWorld;

/// A server, as its broker sees it; what is asked here is awaited on the world's loop.
class BrokerUser : public BrokerHost {
 public:
  BrokerUser(BrokerWorld& world, std::shared_ptr<Broker> broker, std::string server_id);
  ~BrokerUser() override;

  Broker& broker() { return *broker_; }
  std::uint64_t count(Counter counter) const;

  /// Starts, and awaits what `ready` got: empty when all is well.
  std::string start();

  /// Awaits the outcome.
  Backplane publish(const std::string& channel, const std::string& envelope);

  /// Awaits that they are subscribed; returns those that were refused.
  std::vector<std::string> subscribe(std::vector<std::string> channels);

  /// Awaits the end. The destructor does it too.
  void stop();

  /// Broker::abandon(), and the loop is gone when the world is.
  void abandon() {
    stopped_ = true;
    broker_->abandon();
  }

  /// What came, in its order.
  std::deque<std::string> envelopes;
  std::vector<std::chrono::milliseconds> gaps;
  std::vector<std::vector<std::string>> losses;
  std::function<void(std::string_view)> when_envelope;  ///< Instead of keeping it.

  // BrokerHost
  boost::asio::io_context& loop() override;
  Counters& counters() override { return counters_; }
  const std::string& server_id() const override { return server_id_; }
  void on_envelope(std::string_view envelope) override;
  void on_read_end() override;
  void on_gap(std::chrono::milliseconds away) override { gaps.push_back(away); }
  void on_loss(const std::vector<std::string>& channels) override { losses.push_back(channels); }

 private:
  BrokerWorld& world_;
  const std::shared_ptr<Broker> broker_;
  const std::string server_id_;
  Counters counters_;
  std::deque<std::string> read_;  ///< Since the last on_read_end(), which every broker must call.
  bool started_ = false;
  bool stopped_ = false;
};

/// A loop in the test's thread, and the users of brokers on it.
class BrokerWorld {
 public:
  BrokerWorld();
  ~BrokerWorld();

  boost::asio::io_context& loop();

  /// Runs the loop until `holds`; false when that takes longer than `patience`.
  bool run_until(const std::function<bool()>& holds,
                 std::chrono::milliseconds patience = std::chrono::seconds(20));

  /// Runs what is ready on the loop.
  void run_ready();

  /// Runs the loop for that long, to show that something does not happen.
  void run_for(std::chrono::milliseconds duration);

  /// Not started yet.
  BrokerUser& add(std::shared_ptr<Broker> broker);

  /// One on Redis, started; throws when that fails.
  BrokerUser& start(RedisOptions options);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
  std::vector<std::unique_ptr<BrokerUser>> users_;
};

}  // namespace wscast::test
