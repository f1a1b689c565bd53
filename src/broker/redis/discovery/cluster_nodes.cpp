#include "broker/redis/discovery/cluster_nodes.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace wscast::redis {
namespace {

constexpr std::size_t kFirstNode = 2;  // In a range of slots: behind its first and last slot.

bool is_name(std::string_view text) {
  return !text.empty() && text != "?";
}

/// redis.io/docs/latest/commands/cluster-slots: the value of `key` in a node's metadata.
std::string_view metadata(const RespValue& node, std::string_view key) {
  if (node.elements.size() < 4) return {};
  const auto& pairs = node.elements[3].elements;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    if (pairs[i].text == key) return pairs[i + 1].text;
  }
  return {};
}

std::string_view name_of(const RespValue& node, const Host& asked, bool tls) {
  if (tls && is_name(metadata(node, "hostname"))) return metadata(node, "hostname");
  for (const auto name :
       {node.elements[0].text, metadata(node, "hostname"), metadata(node, "ip")}) {
    if (is_name(name)) return name;
  }
  return asked.name;
}

void add(std::vector<Host>& hosts, const RespValue& node, const Host& asked, bool tls) {
  if (hosts.size() >= kMaxClusterNodes) return;
  auto host = cluster_node(node, asked, tls);
  if (host && std::ranges::find(hosts, *host) == hosts.end()) hosts.push_back(std::move(*host));
}

}  // namespace

std::optional<Host> cluster_node(const RespValue& node, const Host& asked, bool tls) {
  if (node.elements.size() < 2) return std::nullopt;
  const std::int64_t port = node.elements[1].integer;
  if (port < 1 || port > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
  return Host{std::string(name_of(node, asked, tls)), static_cast<std::uint16_t>(port)};
}

std::vector<Host> cluster_nodes(const RespValue& reply, const Host& asked, bool tls) {
  std::vector<Host> hosts;
  for (const RespValue& range : reply.elements) {
    if (range.elements.size() > kFirstNode) add(hosts, range.elements[kFirstNode], asked, tls);
  }
  for (const RespValue& range : reply.elements) {
    for (std::size_t i = kFirstNode + 1; i < range.elements.size(); ++i) {
      add(hosts, range.elements[i], asked, tls);
    }
  }
  return hosts;
}

}  // namespace wscast::redis
