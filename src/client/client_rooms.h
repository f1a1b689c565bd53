#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/client.h"

#include "base/clock.h"
#include "client/retry.h"
#include "client/room_history.h"
#include "client/server_message.h"

namespace wscast::client {

/// The rooms of a client: joins them, many by one message and one message after the other, on a new
/// connection all of them anew; and knows how far it has seen those with history. No I/O. One
/// thread.
class ClientRooms {
 public:
  using OnJoined = Client::OnJoined;

  class Host {
   public:
    virtual void send(std::string_view text) = 0;
    virtual void report(const ClientError& error) = 0;
    virtual void tell_gap(const ClientGap& gap) = 0;

    /// Each room is joined, or refused, or will be tried again.
    virtual void on_rooms_settled(SteadyTime now) = 0;

   protected:
    ~Host() = default;
  };

  /// What the server of a connection does.
  struct Link {
    bool acknowledges = false;  ///< It replies to messages with an id (protocol.md X1).
    bool positions = false;     ///< It tells positions (protocol.md H4).
  };

  /// The `id` of joins and leaves, as JSON text.
  static constexpr std::string_view kJoinId = "\"join\"";
  static constexpr std::string_view kLeaveId = "\"leave\"";

  /// `host` must outlive it. `retry`: of joins over the rate.
  ClientRooms(Host& host, const Retry& retry) : host_(host), retry_(retry) {}

  /// Joins with the next send_new(): those that are asked for in one go are joined in one go.
  void join(std::string_view name, OnJoined on_result);
  void leave(std::string_view name);
  void send_new(SteadyTime now);

  /// The join that goes along with `authenticate` (protocol.md H5), without its event; empty if
  /// there is none.
  std::string first_join();

  void connected(SteadyTime now, Link link, std::string id);
  void disconnected();

  /// Ends the joins that wait with `error`.
  void close(const ClientError& error);

  /// The reply to a join.
  void on_reply(SteadyTime now, const ServerMessage& reply);

  /// When to call on_time(); SteadyTime::max(): never.
  SteadyTime due() const { return again_; }
  void on_time(SteadyTime now);

  /// The server has put the client into the room.
  void enter(const std::string& name, const RoomEntry& entry);

  /// Whether a message with a position is new; then it counts as seen. `epoch` becomes that of the
  /// room; a view that is valid until the next call.
  bool see(const std::string& name, std::uint64_t offset, std::string_view& epoch);

  /// What follows in the room comes behind `position`.
  void move(std::string_view name, const SeenPosition& position);

  void count_own(std::string_view name, const Position& position);
  bool has_history(std::string_view name) const;

 private:
  enum class State : std::uint8_t { out, joining, joined };

  struct Room {
    State state = State::out;
    std::optional<SeenPosition> seen{};  ///< Empty without a history.
    std::uint64_t want = 0;              ///< Numbers the joins of the program; 0: not wanted.
    bool known = false;                  ///< Whether it was joined on any connection.
    std::vector<OnJoined> waiting{};
  };
  using Rooms = std::map<std::string, Room, std::less<>>;

  struct Wanted {
    std::uint64_t want;
    std::string name;
  };

  void send_joins(SteadyTime now);
  std::string next_join(std::size_t max_bytes);
  std::string join_text(const std::vector<const Rooms::value_type*>& rooms) const;
  void handle(SteadyTime now, const ServerMessage* reply);
  void on_joined(Rooms::value_type& entry, const std::optional<RoomEntry>& position);
  void refuse(Rooms::value_type& entry, const std::string& words);
  void forget(std::string_view name, const ClientError& error);
  Rooms::value_type* find(const Wanted& wanted);

  Host& host_;
  Retry retry_;
  Rooms rooms_;
  std::map<std::uint64_t, std::string> wants_;  ///< In the order of the joins.
  std::optional<Link> link_;                    ///< Empty without a connection.
  std::optional<std::vector<Wanted>> sent_;     ///< Has no reply yet.
  std::deque<std::string> ids_;                 ///< That the client had, the last first.
  SteadyTime again_ = SteadyTime::max();
  std::uint64_t last_want_ = 0;
  bool has_new_ = false;
};

}  // namespace wscast::client
