#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wscast/options.h"

#include "doctor/finding.h"

namespace wscast::program {

/// What the kernel allows. What is not there was not readable, or does not exist on this machine.
struct SystemFacts {
  std::size_t open_files = 0;  ///< The hard limit of this process.
  std::optional<std::uint64_t> somaxconn{};
  std::optional<std::uint64_t> syn_backlog{};
  std::optional<std::uint64_t> local_ports{};          ///< How many ip_local_port_range has.
  std::optional<std::uint64_t> tracked_connections{};  ///< nf_conntrack_max.
  std::optional<std::uint64_t> overcommit{};           ///< vm.overcommit_memory.
  std::optional<std::string> io_uring{};               ///< Why it cannot be used; empty: it can.
};

/// What a server is to do.
struct SystemNeeds {
  std::size_t connections = 0;  ///< 0: what the limit of open files leaves.
  bool local_proxy = false;     ///< A proxy on this machine connects from its ports.
  bool local_redis = false;
  Io io = Io::automatic;
};

SystemFacts read_system_facts();

/// Looks at what the kernel allows.
Findings check_system(const SystemFacts& facts, const SystemNeeds& needs);

/// How many ports `32768\t60999` names; std::nullopt for any other text.
std::optional<std::uint64_t> port_count(std::string_view range);

}  // namespace wscast::program
