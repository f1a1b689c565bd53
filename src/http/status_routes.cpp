#include "http/status_routes.h"

#include <initializer_list>
#include <utility>

namespace wscast::http {
namespace {

Response text(int status, std::string_view line) {
  return {{.status = status}, std::string(line) + "\n"};
}

/// Writes an object of numbers. Names are the library's own and need no escapes.
class NumbersObject {
 public:
  void add(std::string_view name, std::uint64_t number) { add_text(name, std::to_string(number)); }
  void add_text(std::string_view name, std::string_view json) {
    text_ += text_.empty() ? "{\"" : ",\"";
    text_.append(name).append("\":").append(json);
  }
  std::string finish() && { return std::move(text_) + '}'; }

 private:
  std::string text_;
};

std::string shards_array(const std::vector<ShardStats>& shards) {
  std::string array = "[";
  for (const ShardStats& shard : shards) {
    NumbersObject object;
    object.add("connections", shard.connections);
    object.add("authenticated", shard.authenticated);
    object.add("inbox_bytes", shard.inbox_bytes);
    array += array.size() == 1 ? "" : ",";
    array += std::move(object).finish();
  }
  return array + "]";
}

/// `{"connections":n,"clients":n,"authenticated":n,"shards":[...],"counters":{...}}`
std::string stats_json(const Stats& stats) {
  NumbersObject counters;
  for (std::size_t i = 0; i < kCounters; ++i) {
    counters.add(to_string(static_cast<Counter>(i)), stats.counters[i]);
  }
  NumbersObject object;
  object.add("connections", stats.connections);
  object.add("clients", stats.clients);
  object.add("authenticated", stats.authenticated);
  object.add_text("shards", shards_array(stats.shards));
  object.add_text("counters", std::move(counters).finish());
  return std::move(object).finish();
}

}  // namespace

std::optional<Response> StatusRoutes::find(std::string_view path) const {
  if (options_.health && path == "/health") {
    return node_.healthy() ? text(200, "ok") : text(503, "a shard has stopped turning");
  }
  if (options_.ready && path == "/ready") {
    const std::string reason = node_.not_ready();
    return reason.empty() ? text(200, "ready") : text(503, reason);
  }
  if (options_.stats && path == "/stats") {
    return Response{{.content_type = "application/json"}, stats_json(node_.stats())};
  }
  return std::nullopt;
}

}  // namespace wscast::http
