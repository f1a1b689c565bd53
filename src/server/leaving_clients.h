#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/client_id.h"
#include "base/clock.h"
#include "net/connection.h"

namespace wscast::server {

/// Clients whose connection is over while messages that they sent before are still handled, each
/// until a deadline. Shard thread only.
class LeavingClients {
 public:
  /// `link` holds the session; null when somebody else does.
  void add(const ClientId& client, std::unique_ptr<net::Attachment> link, SteadyTime deadline) {
    clients_.insert_or_assign(client, Entry{std::move(link), deadline});
  }

  /// No-op if unknown. Destroys the session that was handed over.
  void remove(const ClientId& client) {
    const auto found = clients_.find(client);
    if (found == clients_.end()) return;
    const Entry entry = std::move(found->second);
    clients_.erase(found);  // Before the session, which may call back, is destroyed.
  }

  bool empty() const { return clients_.empty(); }

  /// Those whose deadline is not after `now`.
  std::vector<ClientId> overdue(SteadyTime now) const {
    std::vector<ClientId> overdue;
    for (const auto& [client, entry] : clients_) {
      if (entry.deadline <= now) overdue.push_back(client);
    }
    return overdue;
  }

 private:
  struct Entry {
    std::unique_ptr<net::Attachment> link;
    SteadyTime deadline;
  };

  boost::unordered_flat_map<ClientId, Entry> clients_;
};

}  // namespace wscast::server
