#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load.h"
#include "bench/load_clients.h"
#include "bench/numbered_text.h"
#include "bench/recorder.h"
#include "bench/run_control.h"

namespace wscast::program {

/// Each client gets what it sends: from a room that nobody else is in, or by an event of the
/// server's. Each reply must be the one that is due, every byte of it. One thread.
class EchoLoad final : public Load, private LoadClients::Sink {
 public:
  /// All outlive it.
  EchoLoad(const BenchPlan& plan, Recorder& recorder, RunControl& control);

  void prepare() override;
  void run_until(Clock::time_point end) override;
  void rest() override { clients_.rest(std::chrono::nanoseconds(0)); }

 private:
  struct Lane {
    std::string message{};
    std::size_t text = 0;  ///< Where it begins in the message.
    std::uint64_t received = 0;
    std::deque<Clock::time_point> under_way{};  ///< When each was due, or sent.
  };

  std::string room_of(std::size_t client) const;
  void make_lane(std::size_t client);
  void await_first_reply();

  void run_at_rate(Clock::time_point end);
  void await_all();
  void send(std::size_t client, Clock::time_point since);

  void on_message(std::size_t client, std::string_view message) override;
  void on_other(std::size_t client, std::string_view message);

  const BenchArguments& arguments_;
  Recorder& recorder_;
  RunControl& control_;
  LoadClients clients_;
  NumberedText text_;
  DeliveryTemplate delivery_;
  std::vector<Lane> lanes_;
  std::size_t under_way_ = 0;
  std::uint64_t turn_of_ = 0;  ///< At a rate: the client that sends next.
  bool keeps_sending_ = false;
};

}  // namespace wscast::program
