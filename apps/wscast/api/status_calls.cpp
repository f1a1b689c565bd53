#include "api/status_calls.h"

#include <string>
#include <vector>

#include "api/answers.h"
#include "api/metrics_text.h"
#include "api/openapi.h"
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
  respond(
      {.status = 200, .body = metrics_text(call.parts.metrics()), .content_type = kMetricsType});
}

void handle_get_openapi(const ApiCall& /*call*/, const Respond& respond) {
  respond(ok(openapi_json(routes())));
}

}  // namespace wscast::program
