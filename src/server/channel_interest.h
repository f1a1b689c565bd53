#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/client_record.h"
#include "server/backplane_port.h"
#include "server/interest.h"
#include "server/shard_command.h"
#include "server/shard_router.h"
#include "session/session.h"

namespace wscast::server {

/// Reports to the broker which channels this server is interested in. A client that is about to be
/// connected, or to join rooms, waits until their channels are confirmed; from then on its own
/// membership keeps them. Everything is a no-op unless the broker subscribes exactly. Any thread,
/// unless noted.
class ChannelInterest {
 public:
  /// All of them must outlive it.
  ChannelInterest(const BackplanePort& backplane, ShardRouter& router,
                  const std::vector<std::string>& default_rooms)
      : backplane_(backplane), router_(router), default_rooms_(default_rooms) {}

  /// Subscribes to the channels of a client that will belong to `user_id`, and of the default
  /// rooms. False: no need to wait. Otherwise SubscribeConfirmed will come to the client's shard.
  bool subscribe_client(const hub::ClientRecord& client, std::string_view user_id);

  /// The same for `rooms`.
  bool subscribe_rooms(const hub::ClientRecord& client, const std::vector<std::string>& rooms);

  /// Lets a session go on; null if it is gone. Its shard's thread only.
  void on_confirmed(session::Session* session, const SubscribeConfirmed& confirmed);

  /// Takes back what a session needed until it was connected (Session::pin). As above.
  void release_pinned(session::Session& session);

  /// Runs `change` with the Interest that it is to fill, null if the broker needs none, and reports
  /// what it filled in. Passes on what `change` throws, and std::bad_alloc: nothing was reported.
  template <class Change>
  void report(Change change) {
    Interest interest;
    change(backplane_.subscribes_exactly() ? &interest : nullptr);
    send(std::move(interest));
  }

  /// The same for a change that takes away, and does not throw. Returns how many channels stay
  /// subscribed since there was no memory to report them.
  template <class Change>
  std::size_t report_removal(Change change) noexcept {
    Interest interest;
    change(backplane_.subscribes_exactly() ? &interest : nullptr);
    const std::size_t reported = interest.unsubscribe.size();
    const std::size_t lost = interest.lost;
    try {
      send(std::move(interest));
    } catch (const std::exception&) {
      return lost + reported;
    }
    return lost;
  }

 private:
  bool subscribe(const hub::ClientRecord& client, std::vector<std::string> channels);
  void release(std::vector<std::string> channels);
  void send(Interest interest);

  const BackplanePort& backplane_;
  ShardRouter& router_;
  const std::vector<std::string>& default_rooms_;
};

}  // namespace wscast::server
