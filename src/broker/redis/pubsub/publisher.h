#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "wscast/publish_result.h"

#include "base/clock.h"
#include "broker/redis/resp/resp_value.h"

namespace wscast::redis {

/// The outcome of one PUBLISH.
struct Published {
  Backplane outcome = Backplane::unknown;  ///< `down`: it is certain that it reached no subscriber.
  std::int64_t receivers = 0;  ///< With `ok`: the subscribers that this Redis sent it to.
  std::string refusal{};       ///< Redis' own words, if it refused the message; else empty.
};

/// The commands in flight on a publishing connection, in the order of their replies. Each event
/// adds commands to write and callbacks to run; itself it calls only OnReply. What adds something
/// does nothing if it throws; that an outcome is known needs no memory. No I/O.
class Publisher {
 public:
  using Done = std::function<void(const Published&)>;

  /// Gets the reply to an internal command. Not called when the connection is lost.
  using OnReply = std::function<void(const RespValue&)>;

  /// What became of a query.
  struct Answer {
    const RespValue* reply = nullptr;  ///< Null: the connection was lost, or it came too late.
    bool sent = true;                  ///< False: Redis certainly did not get the query.
  };
  using OnAnswer = std::function<void(const Answer&)>;

  /// The memory that a message takes beside its bytes until Redis replies: about its entry here and
  /// two nested callbacks.
  static constexpr std::size_t kItemBytes = 256;

  struct Settings {
    std::chrono::milliseconds answer_timeout;
    std::size_t max_unsent_bytes;  ///< A message in flight counts kItemBytes beside its bytes.
  };

  /// A message with its outcome, or a query without an answer. `done` may be empty.
  struct Finished {
    Done done;
    Published published;
  };

  explicit Publisher(Settings settings) : settings_(settings) {}
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  /// `unsent`: the bytes that wait on the connection already. The message is `down` when it and
  /// what is in flight are over the limit; a single one never is.
  void publish(std::string_view channel, std::string_view envelope, Done done, std::size_t unsent,
               SteadyTime now);

  /// Whether publish() and query() would write such a message, rather than finish it at once.
  bool accepts(std::size_t bytes, std::size_t unsent) const { return up_ && fits(bytes, unsent); }

  /// An internal command. No-op without a connection.
  void command(std::span<const std::string_view> words, OnReply on_reply);

  /// A command of which the caller learns what became of it. Its callback runs among those of
  /// take_finished() when there is no reply, else inside on_reply(), and again without one if that
  /// throws. The limit is that of publish(). With a `deadline` its outcome is open, as that of a
  /// message, until then.
  void query(std::span<const std::string_view> words, OnAnswer on_answer, std::size_t unsent,
             std::optional<SteadyTime> deadline = std::nullopt);

  /// False when no command is in flight.
  bool on_reply(const RespValue& reply);

  void on_connected() { up_ = true; }
  void on_disconnected();

  void on_time(SteadyTime now);

  /// When on_time() has something to do.
  std::optional<SteadyTime> next_deadline() const;

  /// The commands to write. The view is valid, and they stay, until on_commands_sent().
  std::string_view commands() const { return commands_; }
  void on_commands_sent() { commands_.clear(); }

  /// The messages whose outcome is known, in the order in which it became so.
  std::list<Finished> take_finished() { return std::exchange(finished_, {}); }
  bool any_finished() const { return !finished_.empty(); }

  /// Messages, and queries with a deadline, whose outcome is open.
  std::size_t open() const { return open_; }

  /// Why Redis last refused a message; empty when it did not since the last call.
  std::string take_refusal() { return std::exchange(refusal_, {}); }

 private:
  struct InFlight {
    /// What goes to finished_: made before, so that it needs no memory then. Messages have it, and
    /// queries.
    std::list<Finished> finished{};
    OnReply on_reply{};     // Internal commands have it.
    SteadyTime deadline{};  // What is open has it.
    bool open = false;      // Its outcome is still unknown, and has a deadline.
    OnAnswer on_answer{};   // Queries have it.
  };

  bool fits(std::size_t bytes, std::size_t unsent) const;
  void add(std::span<const std::string_view> words, InFlight command);
  void answer(InFlight& query, const RespValue& reply);
  void finish(InFlight& command, Published published) noexcept;
  Published outcome_of(const RespValue& reply);

  const Settings settings_;
  bool up_ = false;
  std::string commands_;
  std::deque<InFlight> in_flight_;
  std::size_t expired_ = 0;  // So many at the front are late already, or internal commands.
  std::size_t open_ = 0;
  std::list<Finished> finished_;
  std::string refusal_;
};

}  // namespace wscast::redis
