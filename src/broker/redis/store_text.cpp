#include "broker/redis/store_text.h"

#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "broker/redis/resp/error_text.h"

namespace wscast::redis {
namespace {

constexpr std::string_view kStorePrefix = "ws:store:";

bool is_kept(const Publisher::Answer& answer, const StoreEvents& events) {
  if (answer.reply == nullptr) return false;
  if (answer.reply->kind == RespValue::Kind::error) events.refused(error_text(*answer.reply));
  return answer.reply->kind == RespValue::Kind::status;
}

}  // namespace

/// One round trip: what GET finds shows who was first.
void store_text(PublishConnection& connection, const std::string& prefix, StoreRequest request,
                StoreEvents events) {
  const std::string key = prefix + std::string(kStorePrefix) + request.key;
  const std::string ttl = std::to_string(request.ttl.count());
  const auto shared = std::make_shared<const StoreEvents>(std::move(events));
  if (request.replace) {
    const std::array<std::string_view, 5> set = {"SET", key, request.value, "PX", ttl};
    return connection.query(set, [shared](const Publisher::Answer& answer) {
      const bool kept = is_kept(answer, *shared);
      shared->done({kept ? StoreStatus::stored : StoreStatus::unavailable, {}});
    });
  }
  const auto kept = std::make_shared<bool>(false);
  const std::array<std::string_view, 6> set = {"SET", key, request.value, "PX", ttl, "NX"};
  connection.query(
      set, [shared, kept](const Publisher::Answer& answer) { *kept = is_kept(answer, *shared); });
  const std::array<std::string_view, 2> get = {"GET", key};
  connection.query(get, [shared, kept](const Publisher::Answer& answer) {
    if (*kept) return shared->done({StoreStatus::stored, {}});
    const auto* const reply = answer.reply;
    const bool found = reply != nullptr && reply->kind == RespValue::Kind::bulk;
    shared->done(found ? StoreResult{StoreStatus::present, std::string(reply->text)}
                       : StoreResult{});
  });
}

}  // namespace wscast::redis
