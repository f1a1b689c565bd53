#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/client_id.h"
#include "base/string_hash.h"
#include "broker/history.h"
#include "protocol/backplane_message.h"
#include "server/history_room.h"
#include "server/shard_executor.h"
#include "session/history_request.h"
#include "session/history_rules.h"

namespace wscast::server {

/// Brings the messages of all rooms with history to the shards, in the order of their histories,
/// and answers clients that ask what they missed (protocol.md section 7). Does nothing without such
/// rooms. What cannot be done for want of memory is done later. Thread of the broker's shard.
class HistoryFeed final : private HistoryRoom::Host {
 public:
  /// Where messages, losses and answers go.
  class Output {
   public:
    virtual ~Output() = default;
    virtual void deliver(const hub::SharedHistoryMessage& message) = 0;
    virtual void tell(const protocol::Gap& gap) = 0;
    virtual void answer(std::size_t shard, const ClientId& client,
                        session::HistoryAnswer answer) = 0;

    /// Whether this server has members of the room.
    virtual bool has_members(const std::string& room) = 0;
  };

  struct Settings {
    std::size_t max_waiting_bytes;  ///< That may wait for one client.

    /// With a tick before and one behind it what was lost is found within 5 s (protocol.md H6).
    std::chrono::milliseconds check_every{4'000};
    std::chrono::milliseconds answer_within{2'000};
  };

  static constexpr std::chrono::milliseconds kTick{500};

  /// All of them must outlive it.
  HistoryFeed(ShardExecutor& executor, const session::HistoryRules& rules, const Settings& settings,
              Output& output)
      : executor_(executor), rules_(rules), settings_(settings), output_(output) {}

  /// The broker is ready. Null: it has no history. It must outlive the last call.
  void start(History* history);

  /// From now on nothing is read, and nobody is answered.
  void stop() { history_ = nullptr; }

  /// A message with a position. Returns false if its room has no history here: it is a message like
  /// any other.
  bool on_message(const protocol::BackplaneMessage& message);

  /// The first client of this server has come into the room.
  void follow(const std::string& room);

  /// A client asks. It gets one answer, in time.
  void request(std::size_t shard, const ClientId& client, session::HistoryRequest request);

  /// The broker was away, and is back.
  void on_gap() { check_positions(); }

  std::size_t rooms() const { return rooms_.size(); }

 private:
  struct Waiting {
    std::size_t shard;
    ClientId client;
    session::HistoryRequest request;
    SteadyTime deadline;
  };
  /// By room, the least offset that somebody who waits has seen.
  using Lowest = boost::unordered_flat_map<std::string, std::uint64_t, StringHash, std::equal_to<>>;
  static constexpr std::uint64_t kNothingAsked = static_cast<std::uint64_t>(-1);

  using Rooms = boost::unordered_flat_map<std::string, std::unique_ptr<HistoryRoom>, StringHash,
                                          std::equal_to<>>;

  void read(const HistoryRoom& room, std::uint64_t after) override;
  void read_position(const HistoryRoom& room) override;
  void deliver(const hub::SharedHistoryMessage& message) override { output_.deliver(message); }
  void tell(const protocol::Gap& gap) override { output_.tell(gap); }
  Counters& counters() override { return executor_.counters(); }

  HistoryRoom* need(std::string_view room);
  HistoryRoom* find(std::string_view room);
  template <class Act>
  void guarded(Act act) noexcept;
  void on_page(const std::string& name, const HistoryPage& page);
  HistoryMessages messages_of(const HistoryRoom& room, const HistoryPage& page);
  void settle();
  bool settle(const Waiting& waiting, const Lowest& lowest, SteadyTime now) noexcept;
  std::optional<session::HistoryAnswer> try_answer(const Waiting& waiting, bool late,
                                                   const Lowest& lowest);
  Lowest lowest_asked() const;
  void tick();
  void check_positions();
  void check(std::vector<std::string> names);
  void on_checked(const std::string& name, const std::optional<Position>& position);
  void check_again();
  void forget_unused();

  ShardExecutor& executor_;
  const session::HistoryRules& rules_;
  const Settings settings_;
  Output& output_;
  History* history_ = nullptr;
  bool started_ = false;
  Rooms rooms_;
  std::list<Waiting> waiting_;
  bool settling_ = false;
  SteadyTime next_check_{};
  std::set<std::string> unchecked_;  ///< Rooms whose position could not be read: again.
};

}  // namespace wscast::server
