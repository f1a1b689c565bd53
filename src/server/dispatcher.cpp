#include "server/dispatcher.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "base/history_bounds.h"
#include "base/log.h"
#include "protocol/channel.h"
#include "protocol/envelope.h"
#include "protocol/utf8.h"
#include "protocol/verified_json.h"
#include "server/message_frame.h"
#include "server/sorted_ids.h"
#include "session/drop_reasons.h"

namespace wscast::server {
namespace {

std::optional<std::string_view> text_of(const Json& json) {
  return json.present() ? std::optional(json.view()) : std::nullopt;
}

bool is_valid(std::string_view event, const Json& data) {
  return protocol::is_utf8(event) && (!data.present() || protocol::is_valid(data));
}

}  // namespace

Result<int> Dispatcher::send_to_client(const SendToClient& call) {
  const SteadyTime taken = ws::time_taken(clock_);
  if (!is_valid(call.event, call.data) || (call.id.present() && !protocol::is_valid(call.id))) {
    return Errc::invalid_json;
  }
  if (!running_) return Errc::stopped;
  if (call.log) {
    log_(LogLevel::info, "send_called",
         "send_to_client: client \"" + printable(call.client_id) + "\", event \"" +
             printable(call.event) + "\"");
  }
  const auto client = ClientId::spelled(call.client_id);
  const auto pressure = client ? directory_.pressure_of(*client) : std::nullopt;
  if (!pressure) return 0;
  ws::SharedFrame frame = message_frame({call.event, text_of(call.data), text_of(call.id)});
  ws::FrameOrigin origin{.taken = taken};
  if (tracer_.active()) {
    FanOut sent{.to = FanOut::To::client,
                .target = std::string(call.client_id),
                .client = client,
                .origin = origin};
    tracer_.take(sent, TraceStep::published, call.event, frame.payload_size);
    origin = std::move(sent.origin);
  }
  if (ShardReceiver* here = router_.local(pressure->shard)) {
    return here->send_to_client(*client, ws::FrameRef::of(std::move(frame), origin));
  }
  if (pressure->full) {
    refused_full_.fetch_add(1, std::memory_order_relaxed);
    count_drop(*client);
    if (origin.trace) origin.trace->on_dropped(client, session::kReadsTooSlowly);
    return 0;
  }
  const auto accepted = static_cast<int>(frame.payload_size);
  FanOut fan_out{
      .to = FanOut::To::client, .client = client, .frame = std::move(frame), .origin = origin};
  if (!router_.route(pressure->shard, std::move(fan_out))) {
    count_drop(*client);
    if (origin.trace) origin.trace->on_dropped(client, kInboxFull);
    return Errc::overloaded;
  }
  return pressure->backpressured ? -1 : accepted;
}

std::error_code Dispatcher::send_to_user(const SendToUser& call) {
  return publish(
      {.to = FanOut::To::user, .target = std::string(call.user_id)},
      call.user_id.empty() ? std::vector<std::size_t>() : directory_.shards_of_user(call.user_id),
      {call.event, call.data, call.on_result});
}

std::error_code Dispatcher::send_to_room(const SendToRoom& call) {
  return publish({.to = FanOut::To::room,
                  .target = std::string(call.room),
                  .exclude = shared_ids(call.exclude)},
                 directory_.shards_of_room(call.room), {call.event, call.data, call.on_result});
}

std::error_code Dispatcher::broadcast(const Broadcast& call) {
  return publish({.to = FanOut::To::everybody, .exclude = shared_ids(call.exclude)},
                 router_.all_shards(), {call.event, call.data, call.on_result});
}

/// protocol.md D6 to D10, X10.
std::error_code Dispatcher::send(const Send& call) {
  if (call.event.empty() || !call.data.present()) return {};
  if (call.log) {
    log_(LogLevel::info, "send_called",
         "send: destination \"" + printable(call.destination) + "\", event \"" +
             printable(call.event) + "\"");
  }
  if (const HistoryRule* rule = history_of(call)) return publish_history(call, *rule);
  if (!call.key.empty()) return Errc::invalid_text;
  const Content content{call.event, call.data, call.on_result};
  if (!call.user_id.empty()) {
    const RemoteTarget remote{protocol::BackplaneTarget::user};
    return publish({.to = FanOut::To::user, .target = std::string(call.user_id)},
                   directory_.shards_of_user(call.user_id), content, &remote);
  }
  const auto* exclude = call.exclude.empty() ? nullptr : &call.exclude;
  if (call.destination.empty()) {
    const RemoteTarget remote{protocol::BackplaneTarget::broadcast, exclude};
    return publish({.to = FanOut::To::everybody, .exclude = shared_ids(call.exclude)},
                   router_.all_shards(), content, &remote);
  }
  const auto client = ClientId::spelled(call.destination);
  if (const auto home = client ? directory_.shard_of(*client) : std::nullopt) {
    const RemoteTarget remote{protocol::BackplaneTarget::client};
    return publish(
        {.to = FanOut::To::client, .target = std::string(call.destination), .client = client},
        {*home}, content, &remote);
  }
  const RemoteTarget remote{protocol::BackplaneTarget::room, exclude};
  return publish({.to = FanOut::To::room,
                  .target = std::string(call.destination),
                  .exclude = shared_ids(call.exclude)},
                 directory_.shards_of_room(call.destination), content, &remote);
}

/// Null: the message is for no room with history.
const HistoryRule* Dispatcher::history_of(const Send& call) const {
  if (history_ == nullptr || !call.user_id.empty() || call.destination.empty()) return nullptr;
  return history_->find(call.destination);
}

/// protocol.md H3: the broker has it first, and this server delivers what the broker publishes.
std::error_code Dispatcher::publish_history(const Send& call, const HistoryRule& rule) {
  if (!is_valid(call.event, call.data)) return Errc::invalid_json;
  if (call.key.size() > kMaxHistoryKeyBytes || !protocol::is_utf8(call.key))
    return Errc::invalid_text;
  if (!running_) return Errc::stopped;
  RemotePublish publication;
  if (tracer_.active()) {
    FanOut sent{.to = FanOut::To::room,
                .target = std::string(call.destination),
                .origin = {.taken = ws::time_taken(clock_)}};
    publication.trace = tracer_.take(sent, TraceStep::published, call.event,
                                     protocol::envelope_size({call.event, text_of(call.data), {}}));
  }
  const RemoteTarget remote{protocol::BackplaneTarget::room,
                            call.exclude.empty() ? nullptr : &call.exclude};
  const std::string room(call.destination);
  const auto error =
      make_remote(remote, room, {call.event, call.data, call.on_result}, publication);
  if (error) {
    if (publication.trace) publication.trace->on_dropped({}, error.message());
    return error;
  }
  publication.history = std::make_shared<const HistoryAppend>(
      HistoryAppend{.room = room,
                    .envelope = std::exchange(publication.envelope, {}),
                    .limits = rule.limits,
                    .key = std::string(call.key)});
  if (call.on_result) {
    publication.aggregator = std::make_shared<PublishAggregator>(call.on_result);
    publication.aggregator->expect(1);
  }
  return router_.route(kBrokerShard, std::move(publication)) ? std::error_code() : Errc::overloaded;
}

std::error_code Dispatcher::publish(FanOut fan_out, const std::vector<std::size_t>& shards,
                                    const Content& content, const RemoteTarget* remote) {
  fan_out.origin.taken = ws::time_taken(clock_);
  if (!is_valid(content.event, content.data)) return Errc::invalid_json;
  if (!running_) return Errc::stopped;
  std::shared_ptr<TracedMessage> trace;
  if (tracer_.active()) {
    trace = tracer_.take(fan_out, TraceStep::published, content.event,
                         protocol::envelope_size({content.event, text_of(content.data), {}}));
  }
  std::optional<RemotePublish> publication;
  if (remote != nullptr && backplane_.reaches_others()) {
    publication.emplace().trace = trace;
    const auto error = make_remote(*remote, fan_out.target, content, *publication);
    if (error) {
      if (trace) trace->on_dropped({}, error.message());
      return error;
    }
  }
  if (content.on_result) {
    fan_out.aggregator = std::make_shared<PublishAggregator>(content.on_result);
    fan_out.aggregator->expect(shards.size() + (publication ? 1 : 0));
    if (publication) publication->aggregator = fan_out.aggregator;
    if (shards.empty() && !publication) {
      router_.route(router_.current().value_or(0), PublishCompleted{fan_out.aggregator});
    }
  }
  bool accepted = true;
  if (!shards.empty()) {
    fan_out.frame = message_frame({content.event, text_of(content.data), {}});
    const auto client = fan_out.client;
    accepted = router_.route(shards, ShardCommand(std::move(fan_out)));
    if (!accepted && client) count_drop(*client);
    if (!accepted && trace) trace->on_dropped(client, kInboxFull);
  }
  if (publication && !router_.route(kBrokerShard, std::move(*publication))) accepted = false;
  return accepted ? std::error_code() : Errc::overloaded;
}

std::error_code Dispatcher::make_remote(const RemoteTarget& remote, const std::string& target,
                                        const Content& content, RemotePublish& made) {
  const auto* exclude = remote.exclude;
  if (!protocol::is_utf8(target) ||
      (exclude != nullptr && !std::ranges::all_of(*exclude, protocol::is_utf8))) {
    return Errc::invalid_text;
  }
  made.channel = protocol::channel_of(remote.type, target);
  made.envelope = protocol::backplane_message({.server_id = server_id_,
                                               .type = remote.type,
                                               .target = target,
                                               .event = content.event,
                                               .data = text_of(content.data),
                                               .exclude = exclude,
                                               .trace = made.trace ? made.trace->id() : ""});
  if (made.envelope.size() <= backplane_.max_publish_bytes()) return {};
  too_big_.fetch_add(1, std::memory_order_relaxed);
  return Errc::message_too_big;
}

void Dispatcher::count_drop(const ClientId& client) {
  if (const auto shard = directory_.count_drop(client)) router_.route(*shard, HoleNotice{client});
}

void Dispatcher::add_to(Stats& stats) const {
  const auto add = [&stats](Counter counter, const std::atomic<std::uint64_t>& count) {
    stats.counters[static_cast<std::size_t>(counter)] += count.load(std::memory_order_relaxed);
  };
  add(Counter::publishes_too_big, too_big_);
  add(Counter::dropped_backpressure, refused_full_);
}

}  // namespace wscast::server
