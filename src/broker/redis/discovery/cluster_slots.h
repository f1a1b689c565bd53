#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "broker/redis/discovery/redis_url.h"
#include "broker/redis/resp/resp_value.h"

namespace wscast::redis {

inline constexpr std::size_t kClusterSlots = 16'384;

/// The slot of a key: that of its hash tag, if it has one.
std::uint16_t key_slot(std::string_view key);

/// Which master of a Cluster has which slot. No I/O.
class SlotMap {
 public:
  /// Replaces all by what a reply to kClusterNodesCommand says; no-op for any other reply. `asked`
  /// and `tls` as for cluster_nodes().
  void set(const RespValue& reply, const Host& asked, bool tls);

  /// A redirection said so.
  void move(std::uint16_t slot, const Host& master);

  std::optional<Host> master(std::uint16_t slot) const;

  /// Whether it has slots.
  bool is_master(const Host& host) const;
  bool empty() const { return masters_.empty(); }

 private:
  std::uint16_t number_of(const Host& host);

  std::vector<Host> masters_;
  std::vector<std::uint16_t> numbers_;  ///< For each slot that of its master, beginning with 1.
};

/// Where an error of a node sends a command.
struct Redirection {
  bool ask = false;  ///< Only this command, behind ASKING.
  Host host;
};

/// Nothing for any other error. `asked`: the node that replied.
std::optional<Redirection> parse_redirection(std::string_view error, const Host& asked);

}  // namespace wscast::redis
