#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "bench/load.h"
#include "bench/load_clients.h"
#include "bench/numbered_text.h"
#include "bench/recorder.h"
#include "bench/room_publisher.h"
#include "bench/run_control.h"

namespace wscast::program {

/// Everybody is in a room. Messages to it come from the first clients, or by Redis; each is to
/// reach each member once, every byte of it, those of a publisher in order. One thread.
class RoomLoad final : public Load, private LoadClients::Sink {
 public:
  /// All outlive it.
  RoomLoad(const BenchPlan& plan, Recorder& recorder, RunControl& control);

  void prepare() override;
  void run_until(Clock::time_point end) override;
  void rest() override { clients_.rest(std::chrono::nanoseconds(0)); }

 private:
  /// A message that has not reached everybody yet.
  struct Message {
    Clock::time_point since;  ///< When it was due, or sent.
    std::size_t missing;
  };

  bool by_redis() const { return plan_.kind == LoadKind::redis; }
  std::size_t receivers() const;
  void make_publisher();

  void learn();
  void probe_until(Clock::time_point end);
  void hear_probe(std::size_t client);

  void run_closed(Clock::time_point end);
  void run_at_rate(Clock::time_point end);
  void publish(Clock::time_point since);
  void await_all();
  void give_up_older_than(Clock::time_point time);
  void forget_arrived();

  void on_message(std::size_t client, std::string_view message) override;
  void on_other(std::size_t client, std::string_view message);
  void accept(std::size_t client, std::uint64_t number);

  const BenchPlan& plan_;
  const BenchArguments& arguments_;
  Recorder& recorder_;
  RunControl& control_;
  LoadClients clients_;
  std::unique_ptr<RoomPublisher> publisher_;
  NumberedText text_;
  DeliveryTemplate delivery_;
  std::vector<bool> heard_;  ///< A probe, by client; empty when all are there.
  std::size_t hearing_ = 0;  ///< How many have, without a sender that need not.
  bool sender_hears_ = false;
  bool sender_receives_ = true;
  std::size_t streams_;              ///< Publishers: of each the order is known.
  std::vector<std::uint64_t> last_;  ///< The last number received, by client and publisher.
  std::deque<Message> under_way_;
  std::uint64_t first_ = 1;  ///< The number of the first that is under way.
};

}  // namespace wscast::program
