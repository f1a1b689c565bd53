#pragma once

#include <cstddef>

#include "base/client_id.h"
#include "hub/client_record.h"

namespace wscast::hub {

/// Hashes and compares pointers to records by the ids of their clients, for sets that are searched
/// by id.
struct ByClientId {
  using is_transparent = void;
  static const ClientId& id(const ClientId& client) { return client; }
  static const ClientId& id(const ClientRecord* client) { return client->id; }
  std::size_t operator()(const auto& key) const noexcept { return hash_value(id(key)); }
  bool operator()(const auto& a, const auto& b) const noexcept { return id(a) == id(b); }
};

}  // namespace wscast::hub
