#include "broker/redis/discovery/endpoint_selector.h"

#include <algorithm>
#include <utility>

#include "broker/redis/discovery/random_below.h"

namespace wscast::redis {
namespace {

bool contains(const std::vector<Host>& hosts, const Host& host) {
  return std::ranges::find(hosts, host) != hosts.end();
}

}  // namespace

EndpointSelector::EndpointSelector(const RedisUrl& url, Random& random)
    : url_(url), random_(random) {
  if (url.kind == RedisUrl::Kind::cluster) first_ = random_below(random, url.hosts.size());
}

void EndpointSelector::begin() {
  master_.reset();
  masters_tried_.clear();
  tried_ = 0;
  plan_.clear();
  if (node_) plan_.push_back(*node_);
  for (std::size_t i = 0; i < url_.hosts.size(); ++i) {
    plan_.push_back(url_.hosts[(first_ + i) % url_.hosts.size()]);
  }
  plan_nodes();
}

void EndpointSelector::plan_nodes() {
  const std::size_t count = std::min(kMaxNodesPerAttempt, nodes_.size());
  for (std::size_t i = 0; i < count; ++i) {
    const Host& node = nodes_[next_node_++ % nodes_.size()];
    if (node != node_) plan_.push_back(node);
  }
}

std::optional<EndpointSelector::Candidate> EndpointSelector::next() {
  if (master_) {
    masters_tried_.push_back(*std::exchange(master_, std::nullopt));
    return Candidate{.host = masters_tried_.back()};
  }
  if (tried_ == plan_.size()) {
    first_ = (first_ + 1) % url_.hosts.size();
    node_.reset();
    return std::nullopt;
  }
  return Candidate{.host = plan_[tried_++], .is_sentinel = url_.kind == RedisUrl::Kind::sentinel};
}

void EndpointSelector::set_master(Host master) {
  if (!contains(masters_tried_, master)) master_ = std::move(master);
}

void EndpointSelector::set_nodes(std::vector<Host> nodes) {
  if (nodes.empty()) return;
  std::erase_if(nodes, [this](const Host& node) { return contains(url_.hosts, node); });
  // Servers that lose one node must not all turn to the same one.
  for (std::size_t left = nodes.size(); left > 1; --left) {
    std::swap(nodes[left - 1], nodes[random_below(random_, left)]);
  }
  nodes_ = std::move(nodes);
  next_node_ = 0;
}

void EndpointSelector::on_connected() {
  const Host& host = plan_[tried_ - 1];
  const auto at = std::ranges::find(url_.hosts, host);
  node_.reset();
  if (at == url_.hosts.end()) {
    node_ = host;
  } else {
    first_ = static_cast<std::size_t>(at - url_.hosts.begin());
  }
}

void EndpointSelector::on_lost() {
  // A node that was lost may hang; the Sentinel that named a lost master is not suspect.
  if (url_.kind != RedisUrl::Kind::cluster) return;
  if (!node_) first_ = (first_ + 1) % url_.hosts.size();
  node_.reset();
}

}  // namespace wscast::redis
