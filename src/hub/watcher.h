#pragma once

#include <string_view>

#include "base/client_id.h"

namespace wscast::hub {

/// Learns of each change of who is where, as it happens. Must not change the hub.
class Watcher {
 public:
  virtual ~Watcher() = default;

  virtual void on_add(const ClientId& client) = 0;
  virtual void on_remove(const ClientId& client) = 0;
  virtual void on_join(const ClientId& client, std::string_view room) = 0;
  virtual void on_leave(const ClientId& client, std::string_view room) = 0;
};

}  // namespace wscast::hub
