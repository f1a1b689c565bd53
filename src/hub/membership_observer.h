#pragma once

#include <string_view>

#include "hub/client_record.h"

namespace wscast::hub {

/// Notified of each change of membership, inside the call that makes it. Must not change the hub.
/// What throws has noted nothing: the change is taken back.
class MembershipObserver {
 public:
  virtual ~MembershipObserver() = default;

  virtual void on_add(ClientRecord& client) = 0;

  /// `client` is in no room any more.
  virtual void on_remove(ClientRecord& client) noexcept = 0;

  /// Stores `identity` in the client: other threads read it, so the observer holds its lock.
  virtual void identify(ClientRecord& client, ClientIdentity identity) = 0;

  virtual void on_join(ClientRecord& client, std::string_view room) = 0;
  virtual void on_leave(ClientRecord& client, std::string_view room) noexcept = 0;
};

}  // namespace wscast::hub
