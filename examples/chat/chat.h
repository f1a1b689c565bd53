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

/// People who talk in rooms. Who has logged in may join `general` and `random`, and a moderator
/// `staff`. Then they send
/// - `say` `{room,text}`: the room gets `said` `{room,from,text,number}`; the number tells the
/// order
///   of what several people said at once, which need not be that in which it arrives;
/// - `history` `{room}`: answered with the last of these, `{room,messages}`; a message may be in
///   there and arrive as well, with the same number;
/// - `who` `{room}`: answered with the names of its members, `{room,names}`;
/// - `whisper` `{to,text}`: all clients of that person get `whispered` `{from,text}`;
/// - `kick` `{name}`, a moderator: all clients of that person are closed.
/// Everybody is told who `came` and who `left` `{name}`.
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

  // The hooks. They run on the threads of several shards at once.
  void authenticate(const wscast::TypedAuthenticateRequest<Login>& request,
                    const wscast::Reply<std::optional<Identity>>& reply);
  std::vector<std::string> allowed_rooms(const wscast::ValidateRoomsRequest& request) const;
  void greet(const Client& client);
  void part(const Client& client);
  void handle(const Message& message);

  void say(const Message& message);
  void number_and_keep(const std::string& name, boost::json::value& said);
  void tell_history(const Message& message);
  void tell_who(const Message& message);
  void whisper(const Message& message);
  void kick(const Message& message);

  Accounts accounts_;
  std::mutex mutex_;
  std::map<std::string, Room, std::less<>> rooms_;  ///< Under mutex_.
  Server server_;  ///< Last, so that its hooks end before what they use.
};

}  // namespace chat
