#include "api/status_calls.h"

#include <algorithm>
#include <string>
#include <vector>

#include "api/answers.h"
#include "api/metrics_text.h"
#include "api/openapi.h"
#include "api/problem.h"
#include "json_writer.h"

namespace wscast::program {
namespace {

/// Writes an object of numbers, whose names need no escapes.
class Numbers {
 public:
  Numbers& add(std::string_view name, std::uint64_t number) {
    if (out_.size() > 1) out_ += ',';
    out_.append("\"").append(name).append("\":").append(std::to_string(number));
    return *this;
  }
  std::string finish() { return out_ + "}"; }

 private:
  std::string out_ = "{";
};

}  // namespace

void handle_get_servers(const ApiCall& call, const Respond& respond) {
  std::vector<std::string> servers;
  for (const ServerInfo& server : call.parts.server.get_servers()) {
    const std::string numbers = Numbers()
                                    .add("connections", server.connections)
                                    .add("clients", server.clients)
                                    .add("authenticated", server.authenticated)
                                    .add("rooms", server.rooms)
                                    .finish();
    JsonObjectWriter out;
    out.text("id", server.id)
        .text("identifier", server.identifier)
        .text("version", server.version)
        .text("startedAt", utc_text(server.started_at))
        .raw("self", Json::text(server.self ? "true" : "false"))
        .raw("draining", Json::text(server.draining ? "true" : "false"))
        .raw("counts", Json::text(numbers));
    servers.push_back(out.finish());
  }
  const std::string array = json_array(servers);
  respond(ok(JsonObjectWriter().raw("servers", Json::text(array)).finish()));
}

void handle_get_server(const ApiCall& call, const Respond& respond) {
  const std::string& id = call.parameters[0];
  if (id == call.parts.server.server_id()) return handle_get_stats(call, respond);
  const auto servers = call.parts.server.get_servers();
  if (std::ranges::find(servers, id, &ServerInfo::id) == servers.end()) {
    return respond(problem(404, "there is no such server"));
  }
  call.parts.others->forward(id, {.method = "GET", .path = "/api/v1/stats"}, respond);
}

void handle_get_stats(const ApiCall& call, const Respond& respond) {
  const Stats stats = call.parts.server.stats();
  std::vector<std::string> shards;
  for (const ShardStats& shard : stats.shards) {
    shards.push_back(Numbers()
                         .add("connections", shard.connections)
                         .add("authenticated", shard.authenticated)
                         .add("inboxBytes", shard.inbox_bytes)
                         .finish());
  }
  Numbers counters;
  for (std::size_t i = 0; i < kCounters; ++i) {
    counters.add(to_string(static_cast<Counter>(i)), stats.counters[i]);
  }
  const std::string shards_json = json_array(shards);
  const std::string counters_json = counters.finish();
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  const std::string connections = number(stats.connections);
  const std::string clients = number(stats.clients);
  const std::string authenticated = number(stats.authenticated);
  JsonObjectWriter out;
  out.text("serverId", call.parts.server.server_id())
      .raw("connections", Json::text(connections))
      .raw("clients", Json::text(clients))
      .raw("authenticated", Json::text(authenticated))
      .raw("shards", Json::text(shards_json))
      .raw("counters", Json::text(counters_json));
  respond(ok(out.finish()));
}

void handle_get_metrics(const ApiCall& call, const Respond& respond) {
  Metrics metrics = call.parts.metrics();
  metrics.api_connections_refused = *call.parts.connections_refused;
  respond({.status = 200, .body = metrics_text(metrics), .content_type = kMetricsType});
}

void handle_get_openapi(const ApiCall& /*call*/, const Respond& respond) {
  respond(ok(openapi_json(routes())));
}

}  // namespace wscast::program
