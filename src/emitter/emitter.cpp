#include "wscast/emitter.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/client_id.h"
#include "base/history_bounds.h"
#include "base/validated.h"
#include "broker/redis/history/redis_history.h"
#include "emitter/publishing_thread.h"
#include "protocol/backplane_message.h"
#include "protocol/channel.h"
#include "protocol/utf8.h"
#include "protocol/verified_json.h"

namespace wscast {
namespace {

using protocol::BackplaneContent;
using protocol::BackplaneTarget;

/// protocol.md R10 names the error for a missing Redis; the other faults come all at once.
EmitterOptions checked(EmitterOptions options) {
  if (!options.redis) throw std::invalid_argument("[WebSocketEmitter] Invalid redis connection!");
  return validated(std::move(options));
}

/// What is to be in the history; its envelope is made later.
HistoryAppend append_of(const EmitToRoom& call) {
  return {.room = std::string(call.room),
          .envelope = {},
          .limits = *call.history,
          .key = std::string(call.key)};
}

bool has_valid_history(const EmitToRoom& call) {
  if (!call.history) return call.key.empty();
  return is_valid_history_size(*call.history) && is_valid_history_ttl(*call.history) &&
         call.key.size() <= kMaxHistoryKeyBytes && protocol::is_utf8(call.key) &&
         !ClientId::parse(call.room);
}

}  // namespace

std::vector<std::string> EmitterOptions::validate() const {
  std::vector<std::string> faults;
  if (!redis) {
    faults.emplace_back("redis is required.");
  } else {
    faults = redis->validate();
  }
  if (max_messages_in_flight == 0) faults.emplace_back("max_messages_in_flight must not be 0.");
  if (max_bytes_in_flight == 0) faults.emplace_back("max_bytes_in_flight must not be 0.");
  if (redis && max_bytes_in_flight > 0 && max_bytes_in_flight < redis->max_publish_bytes) {
    faults.emplace_back(
        "max_bytes_in_flight must not be under redis.max_publish_bytes: a long message could never "
        "go.");
  }
  return faults;
}

class [[gnu::visibility("hidden")]] Emitter::Impl {
 public:
  explicit Impl(EmitterOptions options) : thread(std::move(options)) {}

  std::error_code emit(BackplaneContent content, const Json& data, OnEmitted on_result,
                       std::optional<HistoryAppend> append = {});

  emitter::PublishingThread thread;
};

std::error_code Emitter::Impl::emit(BackplaneContent content, const Json& data, OnEmitted on_result,
                                    std::optional<HistoryAppend> append) {
  if (!protocol::is_utf8(content.target) || !protocol::is_utf8(content.event) ||
      (data.present() && !protocol::is_valid(data)) ||
      (content.exclude != nullptr && !std::ranges::all_of(*content.exclude, protocol::is_utf8))) {
    return Errc::invalid_json;
  }
  if (content.event.empty() ||
      (content.target.empty() && content.type != BackplaneTarget::broadcast)) {
    return Errc::invalid_text;
  }
  content.server_id = protocol::kEmitterId;
  if (data.present()) content.data = data.view();
  const RedisOptions& redis = *thread.options().redis;
  std::string envelope = protocol::backplane_message(content);
  if (envelope.size() > redis.max_publish_bytes) return Errc::message_too_big;
  if (append) {
    append->envelope = std::move(envelope);
    return thread.publish({*std::move(append), std::move(on_result)});
  }
  return thread.publish(
      {emitter::Publication{redis.prefix + protocol::channel_of(content.type, content.target),
                            std::move(envelope)},
       std::move(on_result)});
}

Emitter::Emitter(EmitterOptions options) {
  impl_ = std::make_unique<Impl>(checked(std::move(options)));
}

Emitter::~Emitter() = default;

void Emitter::configure() {
  impl_->thread.start();
}

std::error_code Emitter::to_client(const EmitToClient& call) {
  return impl_->emit(
      {.type = BackplaneTarget::client, .target = call.client_id, .event = call.event}, call.data,
      call.on_result);
}

std::error_code Emitter::to_user(const EmitToUser& call) {
  return impl_->emit({.type = BackplaneTarget::user, .target = call.user_id, .event = call.event},
                     call.data, call.on_result);
}

std::error_code Emitter::to_room(const EmitToRoom& call) {
  if (!has_valid_history(call)) return Errc::invalid_text;
  return impl_->emit({.type = BackplaneTarget::room,
                      .target = call.room,
                      .event = call.event,
                      .exclude = call.exclude ? &*call.exclude : nullptr},
                     call.data, call.on_result,
                     call.history ? std::optional(append_of(call)) : std::nullopt);
}

std::error_code Emitter::broadcast(const EmitBroadcast& call) {
  return impl_->emit({.type = BackplaneTarget::broadcast, .event = call.event}, call.data,
                     call.on_result);
}

bool Emitter::flush(std::chrono::milliseconds longest) {
  return impl_->thread.flush(longest);
}

void Emitter::shutdown() {
  impl_->thread.stop();
}

}  // namespace wscast
