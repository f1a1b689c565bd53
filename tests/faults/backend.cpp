#include "faults/backend.h"

#include <chrono>
#include <sstream>

namespace wscast::faults {
namespace {

using test::RedisProcess;

struct TlsRedis {
  test::Certificates certificates;
  RedisProcess redis{{.tls_folder = certificates.folder()}};
};

Backend start_plain() {
  const auto redis = std::make_shared<RedisProcess>();
  return {.options = {.url = redis->url()}, .nodes = {redis.get()}, .processes = redis};
}

Backend start_tls() {
  const auto group = std::make_shared<TlsRedis>();
  return {.options = {.url = group->redis.url(), .tls_ca_file = group->certificates.file("ca.pem")},
          .nodes = {&group->redis},
          .processes = group};
}

Backend start_sentinel() {
  const auto group = std::make_shared<test::SentinelGroup>(1);
  return {.options = {.url = group->url()}, .nodes = {&group->first()}, .processes = group};
}

Backend start_cluster() {
  const auto group = std::make_shared<test::ClusterGroup>();
  group->await_keys();
  Backend backend{.options = {.url = group->url()}, .processes = group};
  for (const auto& node : group->nodes()) backend.nodes.push_back(node.get());
  return backend;
}

template <Backend (*start)()>
const Backend& running() {
  static const Backend backend = start();
  return backend;
}

}  // namespace

RedisOptions Backend::quick_options() const {
  using std::chrono::milliseconds;
  RedisOptions quick = options;
  quick.startup_wait = std::chrono::seconds(5);
  quick.answer_timeout = milliseconds(1'000);
  quick.probe_interval = milliseconds(50);
  quick.probe_timeout = milliseconds(200);
  quick.min_reconnect_delay = milliseconds(1);
  quick.max_reconnect_delay = milliseconds(2);
  return quick;
}

void Backend::kill_clients() const {
  for (const auto* node : nodes) {
    std::istringstream clients(node->call({"CLIENT", "LIST"}));
    for (std::string line; std::getline(clients, line);) {
      if (line.find(" name=wscast-") == std::string::npos) continue;
      const std::string id = line.substr(3, line.find(' ') - 3);  // `id=7 addr=...`
      node->call({"CLIENT", "KILL", "ID", id});
    }
  }
}

BackendKind plain_redis() {
  return {.name = "Plain", .running = running<start_plain>};
}

BackendKind tls_redis() {
  return {.name = "Tls", .running = running<start_tls>};
}

BackendKind sentinel_redis() {
  return {.name = "Sentinel", .running = running<start_sentinel>};
}

BackendKind cluster_redis() {
  return {.name = "Cluster", .running = running<start_cluster>};
}

}  // namespace wscast::faults
