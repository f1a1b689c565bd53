#include <stdexcept>

#include "support/redis_process.h"

namespace wscast::test {
namespace {

constexpr std::size_t kNodes = 3;
constexpr int kSlots = 16'384;

using Processes = std::vector<std::unique_ptr<RedisProcess>>;

std::string addresses(const Processes& processes) {
  std::string list;
  for (const auto& process : processes) {
    if (!list.empty()) list += ',';
    list += process->address();
  }
  return list;
}

/// Whether a node has met all others and knows of every slot: it says that it is well before.
bool knows_all(RedisProcess& node, std::size_t nodes) {
  const std::string info = node.call({"CLUSTER", "INFO"});
  const auto says = [&info](const std::string& what) { return info.find(what) != info.npos; };
  return says("cluster_known_nodes:" + std::to_string(nodes) + "\r") &&
         says("cluster_slots_ok:" + std::to_string(kSlots) + "\r");
}

/// For what a server logs nothing about.
template <class Condition>
void poll_until(const Condition& holds, const std::string& otherwise) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error(otherwise);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

std::unique_ptr<RedisProcess> sentinel_of(const RedisProcess& master, std::size_t sentinels) {
  const std::string quorum = std::to_string(sentinels / 2 + 1);
  return std::make_unique<RedisProcess>(RedisProcess::Setup{
      .lines = {"sentinel monitor main 127.0.0.1 " + std::to_string(master.port()) + ' ' + quorum,
                "sentinel down-after-milliseconds main 500", "sentinel failover-timeout main 3000"},
      .sentinel = true});
}

std::unique_ptr<RedisProcess> cluster_node() {
  return std::make_unique<RedisProcess>(RedisProcess::Setup{
      .lines = {"cluster-enabled yes", "cluster-node-timeout 2000",
                "cluster-require-full-coverage no", "repl-diskless-sync-delay 0"}});
}

}  // namespace

ReplicatedRedis::ReplicatedRedis()
    : first_(RedisProcess::Setup{.lines = {"repl-diskless-sync-delay 0"}}),
      second_(
          RedisProcess::Setup{.lines = {"repl-diskless-sync-delay 0",
                                        "replicaof 127.0.0.1 " + std::to_string(first_.port())}}) {
  second_.await_log("sync: Finished with success");
}

void ReplicatedRedis::await_offset(const std::string& position_key, int last) const {
  poll_until(
      [&] {
        return second_.call({"HGET", position_key, "last"}) == std::to_string(last);
      },
      "no replication");
}

void ReplicatedRedis::promote_second() {
  second_.call({"REPLICAOF", "NO", "ONE"});
}

void ReplicatedRedis::demote_and_promote_first() {
  first_.call({"REPLICAOF", "127.0.0.1", std::to_string(second_.port())});
  first_.await_log("sync: Finished with success");
  first_.call({"REPLICAOF", "NO", "ONE"});
}

SentinelGroup::SentinelGroup(std::size_t sentinels)
    : first_(RedisProcess::Setup{.lines = {"repl-diskless-sync-delay 0"}}) {
  second_ = std::make_unique<RedisProcess>(
      RedisProcess::Setup{.lines = {"repl-diskless-sync-delay 0",
                                    "replicaof 127.0.0.1 " + std::to_string(first_.port())}});
  second_->await_log("sync: Finished with success");
  for (std::size_t i = 0; i < sentinels; ++i) sentinels_.push_back(sentinel_of(first_, sentinels));
  for (const auto& sentinel : sentinels_) {
    sentinel->call({"SENTINEL", "DEBUG", "INFO-PERIOD", "200"});  // Else 10 s.
    sentinel->await_log("+slave slave");
    sentinel->await_logs("+sentinel sentinel", sentinels - 1);
  }
}

void SentinelGroup::swap() {
  // A Sentinel that has not asked the replica yet finds none good enough.
  poll_until(
      [this] {
        return sentinels_.front()->call({"SENTINEL", "FAILOVER", "main"}) == "OK";
      },
      "no failover");
  for (const auto& sentinel : sentinels_) sentinel->await_log("+switch-master");
}

std::string SentinelGroup::url() const {
  return "redis-sentinel://" + addresses(sentinels_) + "/main";
}

ClusterGroup::ClusterGroup() {
  for (std::size_t i = 0; i < kNodes; ++i) nodes_.push_back(cluster_node());
  constexpr int kShare = kSlots / static_cast<int>(kNodes);
  for (std::size_t i = 0; i < kNodes; ++i) {
    const int begin = kShare * static_cast<int>(i);
    const int end = i + 1 == kNodes ? kSlots - 1 : begin + kShare - 1;
    nodes_[i]->call({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
    nodes_[i]->call({"CLUSTER", "ADDSLOTSRANGE", std::to_string(begin), std::to_string(end)});
  }
  for (std::size_t i = 1; i < kNodes; ++i) {
    nodes_.front()->call({"CLUSTER", "MEET", "127.0.0.1", std::to_string(nodes_[i]->port())});
  }
  await_acquaintance();
}

void ClusterGroup::await_acquaintance() {
  for (const auto& node : nodes_)
    poll_until([&] { return knows_all(*node, nodes_.size()); }, "the nodes do not find each other");
}

void ClusterGroup::await_keys() {
  const auto takes_keys = [](RedisProcess& node) {
    // Without a link to another node it does not pass on what is published.
    return node.call({"CLUSTER", "INFO"}).find("cluster_state:ok") != std::string::npos &&
           node.call({"CLUSTER", "NODES"}).find("disconnected") == std::string::npos;
  };
  for (const auto& node : nodes_)
    poll_until([&] { return takes_keys(*node); }, "a node takes no keys");
}

RedisProcess& ClusterGroup::add_replica_of(std::size_t node) {
  RedisProcess& replica = *nodes_.emplace_back(cluster_node());
  RedisProcess& master = *nodes_[node];
  replica.call({"CLUSTER", "MEET", "127.0.0.1", std::to_string(master.port())});
  await_acquaintance();
  replica.call({"CLUSTER", "REPLICATE", master.call({"CLUSTER", "MYID"})});
  replica.await_log("sync: Finished with success");
  await_keys();
  return replica;
}

std::string ClusterGroup::url() const {
  return "redis-cluster://" + addresses(nodes_);
}

}  // namespace wscast::test
