#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "wscast/client.h"

#include "base/clock.h"
#include "client/server_message.h"

namespace wscast::client {

/// What a client sends for the program.
struct ClientRequest {
  std::string text;
  bool has_id = true;    ///< The server is to reply to it.
  bool repeats = false;  ///< If it is lost it is sent again: the server knows its key.

  /// `reply`: null without one; with Errc::refused the one that says no.
  std::function<void(const ClientError& error, const ServerMessage* reply)> on_done{};
};

/// The requests of a client: those that wait for a connection, in the order of their numbers (the
/// outbox), and those that wait for a reply. No I/O. One thread.
class ClientRequests {
 public:
  struct Limits {
    std::size_t outbox = 0;
    std::chrono::milliseconds outbox_timeout{0};
    std::chrono::milliseconds reply_timeout{0};  ///< 0: none.
  };

  using Send = std::function<void(std::string_view text)>;

  ClientRequests(const Limits& limits, Send send) : limits_(limits), send_(std::move(send)) {}

  /// The number of the next request, which is its `id`.
  std::uint64_t next_id() { return ++last_id_; }

  /// Sends it, keeps it in the outbox, or ends it.
  void add(SteadyTime now, std::uint64_t id, ClientRequest request);

  void connected(bool acknowledges);

  /// Sends what is in the outbox.
  void release(SteadyTime now);

  /// What has no reply is lost, or waits to be sent again.
  void disconnected(SteadyTime now);

  /// Ends what is in the outbox with `error`, what has no reply as lost.
  void close(const ClientError& error);

  /// The reply to the request with this id, if there is one.
  void on_reply(const ServerMessage& reply);

  /// When to call on_time(); SteadyTime::max(): never.
  SteadyTime due() const;
  void on_time(SteadyTime now);

  /// Bytes of the texts that it holds.
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    ClientRequest request;
    std::optional<SteadyTime> sent_at{};  ///< First.
    bool lost = false;                    ///< Once. What becomes of it then cannot be known.
    SteadyTime due = SteadyTime::max();
  };
  using Entries = std::map<std::uint64_t, Entry>;

  void in_turn(SteadyTime now, std::uint64_t id, Entry entry);
  void send(SteadyTime now, std::uint64_t id, Entry entry);
  void keep(Entries& entries, std::uint64_t id, Entry entry);
  Entry take(Entries& entries, Entries::iterator entry);
  static void end(const Entry& entry, const ClientError& error,
                  const ServerMessage* reply = nullptr);

  const Limits limits_;
  const Send send_;
  Entries outbox_;
  Entries sent_;
  std::set<std::pair<SteadyTime, std::uint64_t>> deadlines_;  ///< Of both.
  std::size_t bytes_ = 0;
  std::optional<bool> acknowledges_;  ///< Empty without a connection.
  std::uint64_t last_id_ = 0;
};

}  // namespace wscast::client
