#pragma once

#include <cstdint>
#include <string_view>

#include "hub/client_record.h"

namespace wscast::hub {

/// What became of a client that was to be identified.
enum class IdentifyResult : std::uint8_t {
  identified,
  too_many_clients,  ///< The user has as many as it may have (protocol.md X6).
  revoked,           ///< The user is refused at present (X9).
};

/// Notified of each change of membership, inside the call that makes it. Must not change the hub.
/// What throws has noted nothing: the change is taken back.
class MembershipObserver {
 public:
  virtual ~MembershipObserver() = default;

  virtual void on_add(ClientRecord& client) = 0;

  /// `client` is in no room any more.
  virtual void on_remove(ClientRecord& client) noexcept = 0;

  /// Stores `identity` in the client: other threads read it, so the observer holds its lock.
  /// Stores nothing unless it returns IdentifyResult::identified.
  virtual IdentifyResult identify(ClientRecord& client, ClientIdentity identity) = 0;

  /// Stores `metadata` in an identified client, in the same way.
  virtual void renew(ClientRecord& client, Metadata metadata) = 0;

  virtual void on_join(ClientRecord& client, std::string_view room) = 0;

  /// The client leaves, or has left. For a client that is removed only if notes_each_leave().
  virtual void on_leave(ClientRecord& client, std::string_view room) noexcept = 0;

  /// Whether on_leave() is called for each room of a client that is removed, too, before
  /// on_remove().
  virtual bool notes_each_leave() const noexcept { return false; }
};

}  // namespace wscast::hub
