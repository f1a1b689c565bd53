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

/// A client's place among the clients of its user, in one UserIndex.
struct UserLinks {
  ClientRecord* previous = nullptr;
  ClientRecord* next = nullptr;
};

/// Who a client turned out to be.
struct ClientIdentity {
  std::string user_id{};
  Metadata metadata{};
  std::unique_ptr<const HandshakeKeys> keys{};  ///< Of an encrypted client.
};

/// What is known of one client. It belongs to the client's shard; other threads reach it through
/// the directory, under its locks, from Hub::add to Hub::remove. The atomics are written by the
/// shard alone and read by any, relaxed.
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
  std::atomic<bool> full{false};           ///< So much waits that messages are dropped.
  bool in_own_room = false;                ///< The directory's.
  std::atomic<SteadyTime> last_activity;   ///< Of the last whole message (protocol.md M13).
  const WallTime connected_at;

  /// Written under the directory's lock; its shard may read it without.
  ClientIdentity identity{};

  /// Rooms, as the directory's own names; the room of its own id is not among them. The
  /// directory's.
  std::vector<const std::string*> room_names{};

  UserLinks on_shard{};    ///< The hub's.
  UserLinks everywhere{};  ///< The directory's.
};

}  // namespace wscast::hub
