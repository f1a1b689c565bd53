// What a Redis Cluster and a Sentinel reply to the questions where to connect to.

#include <string>

#include "broker/redis/discovery/cluster_nodes.h"
#include "broker/redis/discovery/master_query.h"
#include "broker/redis/resp/resp_reader.h"
#include "stream.h"

namespace {

using namespace wscast;
using fuzz::require;

constexpr redis::RespReader::Limits kLimits = {
    .max_bulk_bytes = 256, .max_line_bytes = 256, .max_elements = 1024};

void check_cluster(const redis::RespValue& reply, bool tls) {
  const redis::Host asked{"asked", 6379};
  const auto nodes = redis::cluster_nodes(reply, asked, tls);
  require(nodes.size() <= redis::kMaxClusterNodes, "the number of nodes is limited");
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    require(!nodes[i].name.empty() && nodes[i].port != 0, "a node can be connected to");
    for (std::size_t j = 0; j < i && i < 8; ++j) require(nodes[i] != nodes[j], "each node once");
  }
}

/// Returns whether the Sentinel is asked again.
bool check_sentinel(redis::MasterQuery& query, const redis::RespValue& reply) {
  using Result = redis::HandshakeStep::Result;
  std::string more;
  std::string fault;
  switch (query.on_reply(reply, more, fault)) {
    case Result::more:
      return true;
    case Result::done:
      require(query.master().port != 0, "a master has a port");
      return false;
    case Result::not_yet:
    case Result::failed:
      require(!fault.empty(), "a fault is said");
      return false;
  }
  return false;
}

void check(const fuzz::Stream& stream) {
  const redis::RedisUrl url{.kind = redis::RedisUrl::Kind::sentinel,
                            .user = "user",
                            .password = stream.choice(1) ? "password" : "",
                            .master_name = "main"};
  redis::MasterQuery query(url);
  require(!query.opening().empty(), "the Sentinel is asked");
  redis::RespReader reader(kLimits);
  bool asking = true;
  for (const auto& piece : stream.pieces()) {
    reader.feed({reinterpret_cast<const char*>(piece.data()), piece.size()});
    while (const auto reply = reader.next()) {
      check_cluster(*reply, stream.choice(0));
      asking = asking && check_sentinel(query, *reply);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < fuzz::Stream::kPrefix) return 0;
  check(fuzz::Stream(data, size));
  return 0;
}
