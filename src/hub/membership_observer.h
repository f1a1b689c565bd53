#pragma once

#include <string_view>

#include "hub/client_record.h"

namespace wscast::hub {

/// Learns of each change of who is where, as it happens. Must not change the hub.
class MembershipObserver {
 public:
  virtual ~MembershipObserver() = default;

  virtual void on_add(ClientRecord& client) = 0;

  /// It is in no room and belongs to no user any more.
  virtual void on_remove(ClientRecord& client) = 0;

  /// Makes `client.identity` what the client turned out to be.
  virtual void identify(ClientRecord& client, ClientIdentity identity) = 0;

  virtual void on_join(ClientRecord& client, std::string_view room) = 0;
  virtual void on_leave(ClientRecord& client, std::string_view room) = 0;
};

}  // namespace wscast::hub
