#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "wscast/history.h"

#include "base/clock.h"
#include "base/counters.h"
#include "hub/history_message.h"
#include "protocol/history_messages.h"
#include "session/history_request.h"

namespace wscast::server {

/// A part of a history that was read (HistoryPage), as messages.
struct HistoryMessages {
  bool available = false;
  Position last{};
  std::vector<hub::SharedHistoryMessage> messages{};  ///< Without holes, perhaps not up to `last`.
};

/// One room with history, as this server sees it: brings its messages into their order, each once,
/// whatever is lost or comes twice on the way, and knows what clients that come back have missed
/// (protocol.md H3, H5, H6). An event that throws, for want of memory, is as if it had not come:
/// what was not delivered is read later. Events and time in, actions out, no I/O; thread of the
/// broker's shard.
class HistoryRoom {
 public:
  /// What is to be done. Neither call comes back before it returns; one that throws has done
  /// nothing.
  class Host {
   public:
    virtual ~Host() = default;

    /// Read what lies behind an offset, for on_read().
    virtual void read(const HistoryRoom& room, std::uint64_t after) = 0;

    /// Read the position, for on_position().
    virtual void read_position(const HistoryRoom& room) = 0;

    /// Deliver to the members of the room.
    virtual void deliver(const hub::SharedHistoryMessage& message) = 0;

    /// Tell the members of the room.
    virtual void tell(const protocol::Gap& gap) = 0;

    virtual Counters& counters() = 0;
  };

  /// How long what was read serves the next who asks, and how long to wait after a read that
  /// failed.
  static constexpr std::chrono::seconds kFresh{1};

  /// What may be kept while a read is under way, or to serve the next; beyond it is read again.
  static constexpr std::size_t kMaxHeldBytes = 8 * 1024 * 1024;

  /// `rule` and `host` must outlive it.
  HistoryRoom(std::string name, const HistoryRule& rule, Host& host)
      : name_(std::move(name)), rule_(rule), host_(host) {}

  const std::string& name() const { return name_; }
  const HistoryRule& rule() const { return rule_; }

  /// Finds out its position, unless it is known.
  void follow();

  /// The broker published a message.
  void on_published(hub::SharedHistoryMessage message);

  void on_read(HistoryMessages read, SteadyTime now);

  /// The position in the broker, which was asked for; `std::nullopt`: it could not be read.
  void on_position(const std::optional<Position>& position);

  /// The same from time to time, of a room whose position is known: finds what was lost with
  /// nothing behind it.
  void on_checked(const Position& position);

  /// Several times a second.
  void on_time(SteadyTime now);

  /// Answers a client that has seen the room up to there (session::HistoryAnswer). `std::nullopt`:
  /// something is to be read first; ask again when idle() is true. `lowest`: the least offset that
  /// clients of this room ask for now. `limit`: bytes that may wait for one client.
  std::optional<session::HistoryAnswer::Room> answer(const std::optional<Position>& seen,
                                                     std::uint64_t lowest, std::size_t limit,
                                                     SteadyTime now);

  /// The answer to a client for which nothing can be read in time.
  session::HistoryAnswer::Room unavailable() const;

  /// Whether nothing is being read.
  bool idle() const { return !reading_ && !asking_position_; }

  /// Whether the last read failed, and none did better since.
  bool failed() const { return failed_; }

  /// Up to where messages were delivered; nothing before that is known.
  const std::optional<Position>& position() const { return position_; }

 private:
  struct Held {
    hub::SharedHistoryMessage message;
    std::uint64_t reads;  ///< Reads that had begun when it came.
  };

  bool holds() const { return reading_ || retry_at_.has_value(); }
  void hold(hub::SharedHistoryMessage message);
  void start_read(std::uint64_t after);
  void advance(const hub::SharedHistoryMessage& message);
  void begin_at(const Position& position);
  bool begin_epoch(const std::string& epoch);
  void take(std::vector<hub::SharedHistoryMessage> messages, std::uint64_t last);
  void release_held();
  bool release_front();
  void lose(std::uint64_t to);
  void keep_recent(const hub::SharedHistoryMessage& message);
  void forget_recent();
  bool is_fresh(SteadyTime now) const { return fresh_until_ && now < *fresh_until_; }
  session::HistoryAnswer::Room missed_behind(const Position& seen, std::size_t limit) const;
  session::HistoryAnswer::Room lost(protocol::LossReason reason) const;

  const std::string name_;
  const HistoryRule& rule_;
  Host& host_;

  std::optional<Position> position_;
  std::deque<Held> held_;  ///< Published while it reads, or behind a hole.
  std::size_t held_bytes_ = 0;
  bool overflowed_ = false;  ///< Some were not held.

  bool reading_ = false;
  bool asking_position_ = false;
  bool failed_ = false;
  std::uint64_t read_after_ = 0;
  std::uint64_t read_last_ = 0;  ///< The newest message as of the last read, in it or not.
  std::uint64_t reads_ = 0;
  std::optional<SteadyTime> retry_at_;
  std::optional<std::uint64_t> expected_;  ///< The broker has messages up to there.

  // What was read last, while it is fresh: the messages behind an offset up to another.
  std::deque<hub::SharedHistoryMessage> recent_;
  std::uint64_t recent_after_ = 0;
  std::uint64_t recent_end_ = 0;
  std::size_t recent_bytes_ = 0;
  std::optional<SteadyTime> fresh_until_;
};

}  // namespace wscast::server
