#include "server/dispatcher.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/log.h"
#include "protocol/channel.h"
#include "protocol/envelope.h"
#include "protocol/utf8.h"
#include "protocol/verified_json.h"
#include "server/shard_application.h"

namespace wscast::server {
namespace {

std::optional<std::string_view> text_of(const Json& json) {
  return json.present() ? std::optional(json.view()) : std::nullopt;
}

/// protocol.md D15: encoded once, on the calling thread, whoever receives it.
ws::SharedFrame encode(const protocol::Content& content) {
  ws::SharedFrameBuilder builder(ws::Opcode::text, protocol::envelope_size(content));
  protocol::write_envelope(builder.payload().data(), content);
  return std::move(builder).finish();
}

std::shared_ptr<const std::vector<ClientId>> ids_of(const std::vector<std::string>& texts) {
  if (texts.empty()) return nullptr;
  auto ids = std::make_shared<std::vector<ClientId>>();
  for (const auto& text : texts) {
    if (const auto id = ClientId::parse(text)) ids->push_back(*id);
  }
  std::ranges::sort(*ids);
  return ids;
}

bool is_valid(std::string_view event, const Json& data) {
  return protocol::is_utf8(event) && (!data.present() || protocol::is_valid(data));
}

}  // namespace

Result<int> Dispatcher::send_to_client(const SendToClient& call) {
  if (!is_valid(call.event, call.data) || (call.id.present() && !protocol::is_valid(call.id))) {
    return Errc::invalid_json;
  }
  if (!running_) return Errc::stopped;
  if (call.log) {
    log_(LogLevel::info, "send_to_client: client \"" + printable(call.client_id) + "\", event \"" +
                             printable(call.event) + "\"");
  }
  const auto client = ClientId::parse(call.client_id);
  const auto pressure = client ? directory_.pressure_of(*client) : std::nullopt;
  if (!pressure) return 0;
  ws::SharedFrame frame = encode({call.event, text_of(call.data), text_of(call.id)});
  net::Shard* here = engine_.current();
  if (here != nullptr && here->index() == pressure->shard) {
    return ShardApplication::of(*here).send_to_client(*client, ws::FrameRef::of(std::move(frame)));
  }
  if (pressure->full) {
    refused_full_.fetch_add(1, std::memory_order_relaxed);
    return 0;
  }
  const auto accepted = static_cast<int>(frame.payload_size);
  const Message message{.to = Message::To::client, .client = client, .frame = std::move(frame)};
  if (const auto error = deliver(message, {pressure->shard})) return error;
  return pressure->backpressured ? -1 : accepted;
}

std::error_code Dispatcher::send_to_user(const SendToUser& call) {
  return publish(
      {.to = Message::To::user, .target = std::string(call.user_id)},
      call.user_id.empty() ? std::vector<std::size_t>() : directory_.shards_of_user(call.user_id),
      {call.event, call.data, call.on_result});
}

std::error_code Dispatcher::send_to_room(const SendToRoom& call) {
  return publish(
      {.to = Message::To::room, .target = std::string(call.room), .exclude = ids_of(call.exclude)},
      directory_.shards_of_room(call.room), {call.event, call.data, call.on_result});
}

std::error_code Dispatcher::broadcast(const Broadcast& call) {
  return publish({.to = Message::To::everybody, .exclude = ids_of(call.exclude)}, all_shards(),
                 {call.event, call.data, call.on_result});
}

/// protocol.md D6 to D10.
std::error_code Dispatcher::send(const Send& call) {
  if (call.event.empty() || !call.data.present()) return {};
  if (call.log) {
    log_(LogLevel::info, "send: destination \"" + printable(call.destination) + "\", event \"" +
                             printable(call.event) + "\"");
  }
  const Content content{call.event, call.data, call.on_result};
  const auto* exclude = call.exclude.empty() ? nullptr : &call.exclude;
  if (call.destination.empty()) {
    const Elsewhere elsewhere{protocol::BackplaneTarget::broadcast, exclude};
    return publish({.to = Message::To::everybody, .exclude = ids_of(call.exclude)}, all_shards(),
                   content, &elsewhere);
  }
  const auto client = ClientId::parse(call.destination);
  if (const auto home = client ? directory_.shard_of(*client) : std::nullopt) {
    const Elsewhere elsewhere{protocol::BackplaneTarget::client};
    return publish(
        {.to = Message::To::client, .target = std::string(call.destination), .client = client},
        {*home}, content, &elsewhere);
  }
  const Elsewhere elsewhere{protocol::BackplaneTarget::room, exclude};
  return publish({.to = Message::To::room,
                  .target = std::string(call.destination),
                  .exclude = ids_of(call.exclude)},
                 directory_.shards_of_room(call.destination), content, &elsewhere);
}

std::error_code Dispatcher::publish(Message message, const std::vector<std::size_t>& shards,
                                    const Content& content, const Elsewhere* elsewhere) {
  if (!is_valid(content.event, content.data)) return Errc::invalid_json;
  if (!running_) return Errc::stopped;
  const auto data = text_of(content.data);
  std::optional<Publication> publication;
  if (elsewhere != nullptr && backplane_.reaches_others()) {
    const auto* exclude = elsewhere->exclude;
    if (!protocol::is_utf8(message.target) ||
        (exclude != nullptr && !std::ranges::all_of(*exclude, protocol::is_utf8))) {
      return Errc::invalid_text;
    }
    publication =
        Publication{.channel = protocol::channel_of(elsewhere->type, message.target),
                    .envelope = protocol::backplane_message({.server_id = server_id_,
                                                             .type = elsewhere->type,
                                                             .target = message.target,
                                                             .event = content.event,
                                                             .data = data,
                                                             .exclude = elsewhere->exclude}),
                    .tally = nullptr};
    if (publication->envelope.size() > backplane_.max_publish_bytes()) {
      too_big_.fetch_add(1, std::memory_order_relaxed);
      return Errc::message_too_big;
    }
  }
  if (content.on_result) {
    message.tally = std::make_shared<Tally>(content.on_result);
    message.tally->expect(shards.size() + (publication ? 1 : 0));
    if (shards.empty() && !publication) tell_later(message.tally);
  }
  std::error_code answer;
  if (!shards.empty()) {
    message.frame = encode({content.event, data, {}});
    answer = deliver(message, shards);
  }
  if (!publication) return answer;
  publication->tally = message.tally;
  const std::error_code elsewhere_answer = send_elsewhere(std::move(*publication));
  return answer ? answer : elsewhere_answer;
}

/// By way of the shard that the broker lives on, in the order of the calls.
std::error_code Dispatcher::send_elsewhere(Publication publication) {
  net::Shard* here = engine_.current();
  const auto tally = publication.tally;
  if (here != nullptr && here->index() == kBrokerShard) {
    ShardApplication::of(*here).receive(std::move(publication));
  } else if (!courier_.send(here, kBrokerShard, std::move(publication))) {
    overloaded_.fetch_add(1, std::memory_order_relaxed);
    if (here != nullptr) ShardApplication::of(*here).note_overload();
    if (tally) tally->cancel();
    return Errc::overloaded;
  }
  return {};
}

/// protocol.md R4: what another server, or an emitter, said. On the broker's shard.
void Dispatcher::receive(const protocol::BackplaneMessage& message) {
  using protocol::BackplaneTarget;
  std::vector<std::size_t> shards;
  Message here{.target = message.target};
  switch (message.type) {
    case BackplaneTarget::client:
      here.to = Message::To::client;
      here.client = ClientId::parse(message.target);
      if (const auto home = here.client ? directory_.shard_of(*here.client) : std::nullopt) {
        shards.push_back(*home);
      }
      break;
    case BackplaneTarget::user:
      here.to = Message::To::user;
      shards = directory_.shards_of_user(message.target);
      break;
    case BackplaneTarget::room:
      here.to = Message::To::room;
      here.exclude = ids_of(message.exclude);
      shards = directory_.shards_of_room(message.target);
      break;
    case BackplaneTarget::broadcast:
      here.to = Message::To::everybody;
      here.exclude = ids_of(message.exclude);
      shards = all_shards();
      break;
  }
  if (shards.empty()) return;
  here.frame = encode({message.event, message.data, {}});
  for (const std::size_t shard : shards) {
    if (shard == kBrokerShard) {
      ShardApplication::of(*engine_.shards()[shard]).receive(here);
    } else if (!courier_.send(engine_.shards()[kBrokerShard].get(), shard, here)) {
      overloaded_.fetch_add(1, std::memory_order_relaxed);
    }
  }
}

/// The caller's own shard at once, the others by courier.
std::error_code Dispatcher::deliver(const Message& message,
                                    const std::vector<std::size_t>& shards) {
  net::Shard* here = engine_.current();
  std::error_code answer;
  for (const std::size_t shard : shards) {
    if (here != nullptr && here->index() == shard) {
      ShardApplication::of(*here).receive(message);
    } else if (!courier_.send(here, shard, message)) {
      overloaded_.fetch_add(1, std::memory_order_relaxed);
      if (here != nullptr) ShardApplication::of(*here).note_overload();
      answer = Errc::overloaded;
    }
  }
  if (answer && message.tally) message.tally->cancel();
  return answer;
}

void Dispatcher::tell_later(const std::shared_ptr<Tally>& tally) {
  net::Shard* here = engine_.current();
  net::Shard& shard = here != nullptr ? *here : *engine_.shards().front();
  shard.post([&local = ShardApplication::of(shard), tally] { local.tell(tally); });
}

std::vector<std::size_t> Dispatcher::all_shards() const {
  std::vector<std::size_t> shards(engine_.shards().size());
  std::iota(shards.begin(), shards.end(), std::size_t{0});
  return shards;
}

void Dispatcher::add_to(Stats& stats) const {
  const auto add = [&stats](Counter counter, const std::atomic<std::uint64_t>& count) {
    stats.counters[static_cast<std::size_t>(counter)] += count.load(std::memory_order_relaxed);
  };
  add(Counter::dropped_overloaded, overloaded_);
  add(Counter::publishes_too_big, too_big_);
  add(Counter::dropped_backpressure, refused_full_);
}

}  // namespace wscast::server
