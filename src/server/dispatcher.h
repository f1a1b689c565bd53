#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "wscast/calls.h"
#include "wscast/error.h"
#include "wscast/result.h"
#include "wscast/stats.h"

#include "net/engine.h"
#include "protocol/backplane_message.h"
#include "server/backplane_port.h"
#include "server/courier.h"
#include "server/delivery.h"
#include "server/directory.h"
#include "server/named_log.h"

namespace wscast::server {

/// Sends: encodes a message once, on the calling thread, hands it to the shards that have receivers
/// and to the other servers, and takes what those say. Any thread.
class Dispatcher {
 public:
  /// All of them must outlive it. `running`: until then, and from then on, calls are refused.
  Dispatcher(const std::atomic<bool>& running, const std::string& server_id, const NamedLog& log,
             Directory& directory, Courier& courier, BackplanePort& backplane, net::Engine& engine)
      : running_(running),
        server_id_(server_id),
        log_(log),
        directory_(directory),
        courier_(courier),
        backplane_(backplane),
        engine_(engine) {}

  // What Server says of the calls of these names.

  Result<int> send_to_client(const SendToClient& call);
  std::error_code send_to_user(const SendToUser& call);
  std::error_code send_to_room(const SendToRoom& call);
  std::error_code broadcast(const Broadcast& call);
  std::error_code send(const Send& call);

  /// What another server, or an emitter, said (protocol.md R4). On the broker's shard.
  void receive(const protocol::BackplaneMessage& message);

  /// Adds what was refused here.
  void add_to(Stats& stats) const;

 private:
  /// What a message to several is made of.
  struct Content {
    std::string_view event;
    const Json& data;
    const OnResult& on_result;
  };

  /// Where else a message goes.
  struct Elsewhere {
    protocol::BackplaneTarget type;
    const std::vector<std::string>* exclude = nullptr;
  };

  std::vector<std::size_t> all_shards() const;
  std::error_code publish(Message message, const std::vector<std::size_t>& shards,
                          const Content& content, const Elsewhere* elsewhere = nullptr);
  std::error_code deliver(const Message& message, const std::vector<std::size_t>& shards);
  std::error_code send_elsewhere(Publication publication);
  void tell_later(const std::shared_ptr<Tally>& tally);

  const std::atomic<bool>& running_;
  const std::string& server_id_;
  const NamedLog& log_;
  Directory& directory_;
  Courier& courier_;
  BackplanePort& backplane_;
  net::Engine& engine_;
  std::atomic<std::uint64_t> overloaded_{0};
  std::atomic<std::uint64_t> refused_full_{0};
  std::atomic<std::uint64_t> too_big_{0};
};

}  // namespace wscast::server
