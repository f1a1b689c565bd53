#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "wscast/client_info.h"
#include "wscast/hooks.h"

#include "base/client_id.h"
#include "base/clock.h"
#include "base/short_text.h"
#include "base/thin_vector.h"

namespace wscast::hub {

struct ClientRecord;

/// Neighbours in the list of one user's clients, in one UserIndex.
struct UserLinks {
  ClientRecord* previous = nullptr;
  ClientRecord* next = nullptr;
};

/// The result of a client's authentication.
struct ClientIdentity {
  ShortText user_id{};
  Metadata metadata{};
  std::unique_ptr<const HandshakeKeys> keys{};  ///< Null for a client that is not encrypted.
};

/// State of one client that other threads may read. Owned by the client's shard; other threads
/// reach it through the directory, under its locks, from Hub::add to Hub::remove. The atomics are
/// written by the shard alone, unless noted, and read by any thread, relaxed.
struct ClientRecord {
  ClientRecord(const ClientId& client, std::size_t home, SteadyTime now, WallTime opened)
      : id(client),
        shard(static_cast<std::uint32_t>(home)),
        last_activity(now),
        connected_at(opened) {}
  ClientRecord(const ClientRecord&) = delete;
  ClientRecord& operator=(const ClientRecord&) = delete;
  virtual ~ClientRecord() = default;

  /// The client's address in text. Any thread under the directory's locks.
  virtual std::string remote_address() const { return {}; }

  const ClientId id;
  const std::uint32_t shard;
  std::atomic<ClientState> state{ClientState::unauthorized};
  std::atomic<bool> encrypted{false};
  std::atomic<bool> backpressured{false};  ///< The kernel refused bytes that still wait.
  std::atomic<bool> full{false};           ///< Over the backpressure limit: messages are dropped.
  bool in_own_room = false;                ///< Used by the directory.
  std::atomic<bool> to_be_ended{
      false};  ///< A change could not be brought to its shard. Set by any thread.
  std::atomic<bool> has_hole{false};  ///< It lost messages, is not told yet (protocol.md X2).
  bool lost_uncounted = false;        ///< Nobody knows how many (X3). Used by its shard.
  /// Its shard is about to learn of a lost message. Set by any thread under the directory's lock.
  std::atomic<bool> hole_announced{false};
  std::atomic<std::uint32_t> lost{0};     ///< Messages lost so far. Set as `hole_announced`.
  std::uint32_t drops_told = 0;           ///< Of `lost`, those it was told of. Used by its shard.
  std::atomic<SteadyTime> last_activity;  ///< Time of the last whole message (protocol.md M13).
  const WallTime connected_at;

  /// Written under the directory's lock; its shard may read it without.
  ClientIdentity identity{};

  /// Rooms, as pointers to the directory's names, without the room of its own id. Used by the
  /// directory.
  ThinVector<const std::string*> room_names{};

  UserLinks on_shard{};    ///< Used by the hub.
  UserLinks everywhere{};  ///< Used by the directory.
};

}  // namespace wscast::hub
