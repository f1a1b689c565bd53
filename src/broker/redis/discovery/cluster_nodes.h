#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "broker/redis/discovery/redis_url.h"
#include "broker/redis/resp/resp_value.h"

namespace wscast::redis {

/// Asks a node of a Cluster for all nodes. Works with each Redis since 3 and with Valkey, unlike
/// CLUSTER SHARDS of Redis 7.
inline constexpr std::array<std::string_view, 2> kClusterNodesCommand = {"CLUSTER", "SLOTS"};

inline constexpr std::size_t kMaxClusterNodes = 256;

/// Returns the nodes that a reply to kClusterNodesCommand names, each once, masters first; at most
/// kMaxClusterNodes. Empty for any other reply. `asked` is the node that replied: it may leave out
/// its own name. With `tls` a node's host name is preferred to its address, for its certificate.
std::vector<Host> cluster_nodes(const RespValue& reply, const Host& asked, bool tls);

/// One node of such a reply; nothing when it is none. `asked` and `tls` as above.
std::optional<Host> cluster_node(const RespValue& node, const Host& asked, bool tls);

}  // namespace wscast::redis
