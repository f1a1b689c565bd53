#include "doctor/system_checks.h"

#include <sys/resource.h>

#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

#include "net/send_ring.h"

namespace wscast::program {
namespace {

using Level = Finding::Level;

/// Descriptors that a server keeps for files, Redis and its loops (net/engine).
constexpr std::size_t kReserve = 128;

/// Connections that arrive at once, such as after a restart, wait in queues of these sizes.
constexpr std::uint64_t kEnoughBacklog = 1'024;

/// Below it the limit is one of a shell, not of a service.
constexpr std::size_t kFewFiles = 4'096;

std::optional<std::uint64_t> number_in(const char* path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  return file >> number ? std::optional(number) : std::nullopt;
}

std::string line_in(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

Finding check_open_files(const SystemFacts& facts, const SystemNeeds& needs) {
  const std::size_t room =
      facts.open_files > 2 * kReserve ? facts.open_files - kReserve : facts.open_files / 2;
  Finding finding{.check = "open files",
                  .what = "at most " + std::to_string(facts.open_files) + ", room for about " +
                          std::to_string(room) + " connections"};
  const std::string raise = "raise LimitNOFILE of the service, or ulimit -Hn";
  if (needs.connections > room) {
    finding.level = Level::error;
    finding.what += ", configured are " + std::to_string(needs.connections);
    finding.mend = raise + ", to " + std::to_string(needs.connections + kReserve);
  } else if (facts.open_files < kFewFiles) {
    finding.level = Level::warning;
    finding.mend = raise;
  }
  return finding;
}

Finding check_backlog(const std::string& name, std::uint64_t value) {
  Finding finding{.check = name, .what = std::to_string(value)};
  if (value >= kEnoughBacklog) return finding;
  finding.level = Level::warning;
  finding.what += ": clients that come at once, such as after a restart, are turned away";
  finding.mend = "sysctl -w " + name + "=4096";
  return finding;
}

/// `needs.connections`, or as many as there can be.
std::size_t connections_of(const SystemFacts& facts, const SystemNeeds& needs) {
  return needs.connections == 0 ? facts.open_files : needs.connections;
}

Finding check_ports(const SystemFacts& facts, const SystemNeeds& needs) {
  Finding finding{
      .check = "net.ipv4.ip_local_port_range",
      .what = std::to_string(*facts.local_ports) + " ports for a proxy on this machine"};
  if (*facts.local_ports >= connections_of(facts, needs)) return finding;
  finding.level = Level::warning;
  finding.what += ", each connection through it takes one";
  finding.mend =
      "sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\", or let it connect to several "
      "addresses";
  return finding;
}

Finding check_tracked(const SystemFacts& facts, const SystemNeeds& needs) {
  Finding finding{.check = "net.netfilter.nf_conntrack_max",
                  .what = std::to_string(*facts.tracked_connections)};
  if (needs.connections == 0 || *facts.tracked_connections > needs.connections) return finding;
  finding.level = Level::warning;
  finding.what += ": the firewall drops connections over it";
  finding.mend =
      "sysctl -w net.netfilter.nf_conntrack_max=" + std::to_string(2 * needs.connections);
  return finding;
}

Finding check_overcommit(std::uint64_t value) {
  Finding finding{.check = "vm.overcommit_memory", .what = std::to_string(value)};
  if (value == 1) return finding;
  finding.level = Level::warning;
  finding.what += ": the Redis on this machine may fail to save in the background";
  finding.mend = "sysctl -w vm.overcommit_memory=1, unless it saves nothing";
  return finding;
}

/// Tries all that a server needs of it.
std::string io_uring_fault() {
  try {
    const net::SendRing ring;
    return {};
  } catch (const std::system_error& error) {
    return error.what();
  }
}

Finding check_io_uring(const std::string& fault, Io io) {
  Finding finding{.check = "io_uring",
                  .what = fault.empty() ? "available" : "not available (" + fault + ")"};
  if (io == Io::epoll) {
    finding.what += "; not used, by io = epoll";
  } else if (fault.empty()) {
    finding.what += ": one system call writes to many clients";
  } else if (io == Io::automatic) {
    finding.what += ": the server uses epoll alone, at a few percent more CPU in large rooms";
  } else {
    finding.level = Level::error;
    finding.what += ": the server does not start with io = uring";
    finding.mend =
        "allow it by kernel.io_uring_disabled and the seccomp profile of the container, or set io "
        "to auto";
  }
  return finding;
}

}  // namespace

std::optional<std::uint64_t> port_count(std::string_view range) {
  std::istringstream text{std::string(range)};
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (!(text >> first >> last) || last < first) return std::nullopt;
  return last - first + 1;
}

SystemFacts read_system_facts() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return {.open_files = limit.rlim_max,
          .somaxconn = number_in("/proc/sys/net/core/somaxconn"),
          .syn_backlog = number_in("/proc/sys/net/ipv4/tcp_max_syn_backlog"),
          .local_ports = port_count(line_in("/proc/sys/net/ipv4/ip_local_port_range")),
          .tracked_connections = number_in("/proc/sys/net/netfilter/nf_conntrack_max"),
          .overcommit = number_in("/proc/sys/vm/overcommit_memory"),
          .io_uring = io_uring_fault()};
}

Findings check_system(const SystemFacts& facts, const SystemNeeds& needs) {
  Findings findings{check_open_files(facts, needs)};
  if (facts.somaxconn) findings.push_back(check_backlog("net.core.somaxconn", *facts.somaxconn));
  if (facts.syn_backlog) {
    findings.push_back(check_backlog("net.ipv4.tcp_max_syn_backlog", *facts.syn_backlog));
  }
  if (facts.local_ports && needs.local_proxy) findings.push_back(check_ports(facts, needs));
  if (facts.tracked_connections) findings.push_back(check_tracked(facts, needs));
  if (facts.overcommit && needs.local_redis)
    findings.push_back(check_overcommit(*facts.overcommit));
  if (facts.io_uring) findings.push_back(check_io_uring(*facts.io_uring, needs.io));
  return findings;
}

}  // namespace wscast::program
