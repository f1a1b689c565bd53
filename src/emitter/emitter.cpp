#include "wscast/emitter.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/validated.h"
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

  std::error_code emit(BackplaneContent content, const Json& data, OnEmitted on_result);

  emitter::PublishingThread thread;
};

std::error_code Emitter::Impl::emit(BackplaneContent content, const Json& data,
                                    OnEmitted on_result) {
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
  return thread.publish({redis.prefix + protocol::channel_of(content.type, content.target),
                         std::move(envelope), std::move(on_result)});
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
  return impl_->emit({.type = BackplaneTarget::room,
                      .target = call.room,
                      .event = call.event,
                      .exclude = call.exclude ? &*call.exclude : nullptr},
                     call.data, call.on_result);
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
