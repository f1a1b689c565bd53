#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "wscast/client_info.h"
#include "wscast/hooks.h"

#include "base/client_id.h"
#include "base/clock.h"

namespace wscast::hub {

struct ClientRecord;

/// Neighbours in the list of one user's clients, in one UserIndex.
struct UserLinks {
  ClientRecord* previous = nullptr;
  ClientRecord* next = nullptr;
};

/// The result of a client's authentication.
struct ClientIdentity {
  std::string user_id{};
  Metadata metadata{};
  std::unique_ptr<const HandshakeKeys> keys{};  ///< Null for a client that is not encrypted.
};

/// State of one client that other threads may read. Owned by the client's shard; other threads
/// reach it through the directory, under its locks, from Hub::add to Hub::remove. The atomics are
/// written by the shard alone and read by any thread, relaxed; `to_be_ended` the other way round.
struct ClientRecord {
  ClientRecord(const ClientId& client, std::size_t home, SteadyTime now, WallTime opened)
      : id(client),
        shard(static_cast<std::uint32_t>(home)),
        last_activity(now),
        connected_at(opened) {}
  ClientRecord(const ClientRecord&) = delete;
  ClientRecord& operator=(const ClientRecord&) = delete;

  const ClientId id;
  const std::uint32_t shard;
  std::atomic<ClientState> state{ClientState::unauthorized};
  std::atomic<bool> encrypted{false};
  std::atomic<bool> backpressured{false};  ///< The kernel refused bytes that still wait.
  std::atomic<bool> full{false};           ///< Over the backpressure limit: messages are dropped.
  bool in_own_room = false;                ///< Used by the directory.
  std::atomic<bool> to_be_ended{false};    ///< A change could not be brought to its shard.
  std::atomic<SteadyTime> last_activity;   ///< Time of the last whole message (protocol.md M13).
  const WallTime connected_at;

  /// Written under the directory's lock; its shard may read it without.
  ClientIdentity identity{};

  /// Rooms, as pointers to the directory's names, without the room of its own id. Used by the
  /// directory.
  std::vector<const std::string*> room_names{};

  UserLinks on_shard{};    ///< Used by the hub.
  UserLinks everywhere{};  ///< Used by the directory.
};

}  // namespace wscast::hub
