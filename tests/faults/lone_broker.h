#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "base/counters.h"
#include "broker/broker.h"
#include "faults/backend.h"
#include "faults/history_ledger.h"

namespace wscast::faults {

/// A broker on a real Redis with no server around it, on a loop in the test's thread, which goes on
/// after an exception as a shard's does. What it owes is counted: the outcome of each publish, each
/// confirmation, each message of others, or word that some may be missing, and what is in a
/// HistoryLedger.
class LoneBroker final : private BrokerHost {
 public:
  /// `watch` is called with true before anything of the broker runs on this thread, and with false
  /// after it: only the broker's own calls and allocations are to fail.
  LoneBroker(const Backend& backend, std::function<void(bool)> watch);

  /// Stops it, which must complete.
  ~LoneBroker() override;
  LoneBroker(const LoneBroker&) = delete;
  LoneBroker& operator=(const LoneBroker&) = delete;

  /// Starts and awaits that it is ready. Returns false if it reports that it cannot start.
  bool start();

  /// Why it cannot start.
  const std::string& refusal() const { return refusal_; }

  /// Publishes, subscribes, receives, appends to a history and reads it, loses all connections and
  /// gets them back; a failure of the test if anything that is owed does not come.
  void exchange();

  /// Whether everything works, once nothing fails any more.
  void expect_well();

  std::uint64_t count(Counter counter) const;

  /// Exceptions that went through to the loop.
  int failed_tasks() const { return failed_tasks_; }

 private:
  // BrokerHost
  boost::asio::io_context& loop() override { return loop_; }
  Counters& counters() override { return counters_; }
  const std::string& server_id() const override { return server_id_; }
  void on_envelope(std::string_view envelope) override;
  void on_gap(std::chrono::milliseconds away) override;
  void on_loss(const std::vector<std::string>& channels) override;

  void guarded(const std::function<void()>& act);
  static constexpr std::chrono::milliseconds kPatience{10'000};

  bool run_until(const std::function<bool()>& holds,
                 std::chrono::milliseconds patience = kPatience);
  bool receives(const std::string& channel);
  void publish();
  void subscribe(const std::string& channel);
  void expect_message_or_word(const std::string& channel);
  void use_history();
  void expect_history();
  void await_outcomes();
  void lose_connections();
  void publish_as_other(const std::string& channel);
  void call_all(const std::vector<std::string_view>& words) const;

  const Backend& backend_;
  const std::function<void(bool)> watch_;
  const std::string server_id_ = "a server id that fits into no small string";
  boost::asio::io_context loop_;
  Counters counters_;
  const std::shared_ptr<Broker> broker_;
  HistoryLedger ledger_;
  bool started_ = false;
  std::optional<bool> ready_;
  std::string refusal_;
  std::uint64_t published_ = 0;  ///< Calls that did not throw.
  std::uint64_t outcomes_ = 0;
  std::uint64_t asked_ = 0;
  std::uint64_t confirmed_ = 0;
  std::uint64_t sent_ = 0;      ///< Messages of others.
  std::uint64_t received_ = 0;  ///< Of these the last.
  std::uint64_t words_ = 0;     ///< Word that messages are missing.
  int failed_tasks_ = 0;
};

}  // namespace wscast::faults
