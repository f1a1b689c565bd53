#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "broker/redis/redis_url.h"
#include "broker/redis/resp_reader.h"

namespace wscast::redis {

/// What asks a node of a Cluster for all others. Redis 7 has CLUSTER SHARDS too; this one every
/// Redis since 3 has, and Valkey.
inline constexpr std::array<std::string_view, 2> kClusterNodesCommand = {"CLUSTER", "SLOTS"};

inline constexpr std::size_t kMaxClusterNodes = 256;

/// The nodes that a reply to kClusterNodesCommand names, each once, masters first; at most
/// kMaxClusterNodes. Empty for any other reply. `asked` is the node that replied: it may leave out
/// its own name. With `tls` a node's host name is preferred to its address, for its certificate.
std::vector<Host> cluster_nodes(const Reply& reply, const Host& asked, bool tls);

}  // namespace wscast::redis
