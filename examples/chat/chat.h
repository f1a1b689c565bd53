#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "wscast/json_boost.h"
#include "wscast/typed_server.h"

#include "accounts.h"

template <>
struct wscast::codec<chat::Login> : wscast::boost_codec<chat::Login> {};

namespace chat {

/// A chat in rooms. An authenticated user may join `general` and `random`, a moderator `staff` too,
/// and then send
/// - `say` `{room,text}`: the room receives `said` `{room,from,text,number}`. The numbers order
/// what
///   several users said at once, which may arrive in another order;
/// - `history` `{room}`: the reply has the last of these messages, `{room,messages}`. One of them
///   may also arrive on its own, with the same number;
/// - `who` `{room}`: the reply has the names of the members, `{room,names}`;
/// - `whisper` `{to,text}`: all clients of that user receive `whispered` `{from,text}`;
/// - `kick` `{name}`, for moderators: all clients of that user are closed.
/// Everybody receives who `came` and who `left` `{name}`.
class Chat {
 public:
  explicit Chat(std::size_t shards) : server_(options(shards)) {}

  wscast::Server& server() { return server_; }

 private:
  using Server = wscast::TypedServer<Login, Person>;
  using Identity = wscast::TypedIdentity<Person>;
  using Client = wscast::TypedClientEvent<Person>;
  using Message = wscast::TypedClientMessage<Person>;

  struct Room {
    std::uint64_t said = 0;
    std::deque<boost::json::value> last;
  };

  Server::Options options(std::size_t shards);

  // The hooks, which run on the threads of several shards at once.
  void authenticate(const wscast::TypedAuthenticateRequest<Login>& request,
                    const wscast::Reply<std::optional<Identity>>& reply);
  std::vector<std::string> allowed_rooms(const wscast::ValidateRoomsRequest& request) const;
  void greet(const Client& client);
  void part(const Client& client);
  void handle(const Message& message);

  void say(const Message& message);
  void number_and_keep(const std::string& name, boost::json::value& said);
  void send_history(const Message& message);
  void send_members(const Message& message);
  void whisper(const Message& message);
  void kick(const Message& message);

  Accounts accounts_;
  std::mutex mutex_;
  std::map<std::string, Room, std::less<>> rooms_;  ///< Guarded by mutex_.
  Server server_;  ///< The last member: its hooks end before what they use.
};

}  // namespace chat
