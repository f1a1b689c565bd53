#include "server/shard_application.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "http/refusal.h"
#include "protocol/channel.h"
#include "server/client_link.h"

namespace wscast::server {
namespace {

using session::Session;

constexpr auto kLeavingSweep = std::chrono::seconds(1);

/// The rooms whose channels are among `channels`.
std::vector<std::string> rooms_among(const std::vector<std::string>& channels) {
  const std::string prefix = protocol::room_channel("");
  std::vector<std::string> rooms;
  for (const auto& channel : channels) {
    if (channel.starts_with(prefix)) rooms.push_back(channel.substr(prefix.size()));
  }
  return rooms;
}

Session& session_of(net::Connection& connection) {
  return static_cast<ClientLink*>(connection.attachment())->session();
}

}  // namespace

ShardApplication::ShardApplication(net::Shard& shard, NodeContext& node)
    : shard_(shard),
      node_(node),
      hub_(*this),
      hooks_(shard, node.options, node.log, hub_, node.courier, *this),
      sessions_{node.options.session, node.options.transport, hub_,         *this,
                shard.counters(),     shard.clock(),          shard.index()},
      on_broken_([this](const ClientId& client, const char* call, const char* what) {
        on_broken_transport(client, call, what);
      }),
      last_tick_(shard.clock().now()) {
  if (!node.options.encryption) return;
  sessions_.ecdh = &ecdh_.emplace(node.options.encryption->info, node.random);
}

ShardApplication::~ShardApplication() = default;

// What is said to this shard.

void ShardApplication::receive(const Delivery& delivery) {
  std::visit([this](const auto& one) { carry_out(one); }, delivery);
}

void ShardApplication::carry_out(const Message& message) {
  const hub::Delivered delivered = deliver(message);
  if (message.tally && message.tally->report(delivered)) tell(message.tally);
}

hub::Delivered ShardApplication::deliver(const Message& message) {
  const ws::FrameRef frame = ws::FrameRef::of(message.frame);
  const hub::Exclude exclude = message.exclude ? hub::Exclude(*message.exclude) : hub::Exclude();
  switch (message.to) {
    case Message::To::user:
      return hub_.to_user(message.target, frame);
    case Message::To::room:
      return hub_.to_room(message.target, frame, exclude);
    case Message::To::everybody:
      return hub_.broadcast(frame, exclude);
    case Message::To::topic:
      return deliver_to_topic(message.target, frame, exclude);
    case Message::To::client:
      break;
  }
  if (send_to_client(*message.client, frame) != 0) return {.accepted = 1};
  shard_.counters().add(Counter::dropped_late);
  return {.dropped = 1};
}

int ShardApplication::send_to_client(const ClientId& client, const ws::FrameRef& frame) {
  Session* session = find(client);
  return session == nullptr ? 0 : session->deliver(frame, hub::Address::client);
}

/// In the order of one caller's calls, so that each counts for the caller's next message. Callers
/// who contend may have reached the directory in another order: it has the last word.
void ShardApplication::carry_out(const MembershipChange& change) {
  const auto settled = node_.directory.settle(change.client, change.room);
  Session* session = find(change.client);
  if (session != nullptr) hub_.follow(*session, change.room, settled.value_or(change.in));
}

void ShardApplication::carry_out(const EncryptionChange& change) {
  if (Session* session = find(change.client)) session->outbound().enable_encryption();
}

void ShardApplication::carry_out(const Closing& closing) {
  const auto close = [&closing](hub::Member* member) {
    static_cast<Session*>(member)->close(closing.code, closing.reason);
  };
  if (const auto* client = std::get_if<ClientId>(&closing.whom)) {
    if (Session* session = find(*client)) close(session);
    return;
  }
  for (hub::Member* member : hub_.members_of_user(std::get<std::string>(closing.whom))) {
    close(member);
  }
}

// Of the shard that the broker lives on.

void ShardApplication::carry_out(const Publication& publication) {
  node_.backplane.publish(publication,
                          [this](std::shared_ptr<Tally> tally) { tell(std::move(tally)); });
}

void ShardApplication::carry_out(const OccupancyChange& change) {
  node_.backplane.change(change.occupancy);
}

void ShardApplication::carry_out(const Hearing& hearing) {
  node_.backplane.hear(hearing.channels, [this, hearing](const std::vector<std::string>& refused) {
    to_shard(hearing.shard, Heard{hearing.client, hearing.channels, refused});
  });
}

/// The client's own membership keeps the channels from here on, if it is still there.
void ShardApplication::carry_out(const Heard& heard) {
  if (Session* session = find(heard.client)) session->on_subscribed(rooms_among(heard.refused));
  tell_broker({.begun = {}, .ended = heard.channels});
}

void ShardApplication::to_shard(std::size_t shard, Delivery delivery) {
  if (shard == shard_.index()) {
    receive(delivery);
  } else {
    node_.courier.send(&shard_, shard, std::move(delivery));
  }
}

void ShardApplication::check_heartbeats() {
  for_each_session([](Session& session) { session.check_heartbeat(); });
}

void ShardApplication::close_all() {
  for_each_session([](Session& session) { session.end(session::kShutdown); });
  shard_.drop_requests();
}

/// Sessions may end, and leave the hub, while they are visited.
void ShardApplication::for_each_session(const std::function<void(Session&)>& visit) {
  for (hub::Member* member : hub_.members()) visit(static_cast<Session&>(*member));
}

Session* ShardApplication::find(const ClientId& client) {
  return static_cast<Session*>(hub_.find(client));
}

// What connections tell.

http::WireResponse ShardApplication::on_request(const http::RequestHead& head) {
  http::WireResponse response = node_.router.route(head);
  if (response.status != 101 || node_.unauthenticated < node_.max_unauthenticated) return response;
  shard_.counters().add(Counter::connections_refused_unauthenticated);
  return http::refuse({.status = 503, .reason = "Too many connections"});
}

void ShardApplication::on_open(net::Connection& connection) {
  const ClientId id = ClientId::generate(node_.random);
  if (log_enabled(LogLevel::debug)) {
    node_.log(LogLevel::debug, "client " + id.text() + " opened on shard " +
                                   std::to_string(shard_.index()) + " from " +
                                   connection.remote_address());
  }
  connection.attach(std::make_unique<ClientLink>(sessions_, id, connection));
}

void ShardApplication::on_message(net::Connection& connection, bool binary,
                                  std::string_view payload) {
  session_of(connection).on_message(binary, payload);
}

void ShardApplication::on_backpressure(net::Connection& connection) {
  // The answer to the upgrade is written before there is a session.
  if (connection.attachment() != nullptr) session_of(connection).outbound().on_backpressure();
}

bool ShardApplication::on_control(net::Connection& connection, std::size_t payload_bytes) {
  return session_of(connection).on_control_frame(payload_bytes);
}

void ShardApplication::on_drain(net::Connection& connection) {
  session_of(connection).outbound().on_drain();
}

void ShardApplication::on_deadline(net::Connection& connection) {
  session_of(connection).on_deadline();
}

void ShardApplication::on_close(net::Connection& connection, std::uint16_t code,
                                std::string_view reason) {
  Session& session = session_of(connection);
  if (log_enabled(LogLevel::debug)) {
    node_.log(LogLevel::debug, "client " + session.id.text() + " closed with " +
                                   std::to_string(code) + " \"" + printable(reason) + "\"");
  }
  if (!session.busy()) return session.on_close();
  auto link = connection.detach();
  static_cast<ClientLink&>(*link).disconnect();
  leave(session, std::move(link));
}

/// What a client said before it went is handled while it is still there.
void ShardApplication::leave(Session& session, std::unique_ptr<net::Attachment> link) {
  session.leave_when_idle();
  await_overdue_clients();
  const auto longest = node_.options.transport.drain_timeout;
  leaving_.add(session.id, std::move(link),
               longest.count() == 0 ? SteadyTime::max() : shard_.now() + longest);
}

void ShardApplication::on_idle(Session& session) {
  closed_.push_back(session.id);
  shard_.request_iteration();
}

void ShardApplication::end_closed_clients() {
  for (const ClientId& client : std::exchange(closed_, {})) {
    if (Session* session = find(client)) session->on_close();
    leaving_.remove(client);
    external_.erase(client);
  }
}

/// One timer for all, however often the last one leaves and another comes.
void ShardApplication::await_overdue_clients() {
  if (std::exchange(awaits_overdue_, true)) return;
  shard_.after(kLeavingSweep, [this] {
    awaits_overdue_ = false;
    end_overdue_clients();
    if (!leaving_.empty()) await_overdue_clients();
  });
}

void ShardApplication::end_overdue_clients() {
  for (const ClientId& client : leaving_.overdue(shard_.now())) closed_.push_back(client);
  if (!closed_.empty()) shard_.request_iteration();
}

/// The frames that hooks cause leave in the same loop iteration as everything else.
bool ShardApplication::on_iteration_end() {
  end_slow_clients();
  hooks_.run_slice();
  end_broken_clients();
  end_closed_clients();
  hooks_.run_transformers();
  node_.courier.flush(shard_);
  authenticated_.store(hub_.authenticated(), std::memory_order_relaxed);
  return hooks_.pending();
}

/// External clients go first, so that nothing that the broker still owes reaches one. Transports
/// are used on this thread alone: they are let go of here.
void ShardApplication::on_stop() {
  external_.clear();
  if (shard_.index() == kBrokerShard) node_.backplane.abandon();
  hooks_.run_results();
}

void ShardApplication::end_slow_clients() {
  for (const ClientId& client : std::exchange(slow_clients_, {})) {
    if (Session* session = find(client)) session->end(session::kSlowConsumer);
  }
}

// What sessions ask for.

bool ShardApplication::subscribe_client(Session& session, std::string_view user_id) {
  if (!node_.backplane.subscribes_exactly()) return false;
  const std::string id = session.id.text();
  std::vector<std::string> channels = {protocol::client_channel(id), protocol::room_channel(id)};
  if (!user_id.empty()) channels.push_back(protocol::user_channel(user_id));
  for (const auto& room : node_.options.session.default_rooms) {
    channels.push_back(protocol::room_channel(room));
  }
  hear(session, std::move(channels));
  return true;
}

bool ShardApplication::subscribe_rooms(Session& session, const std::vector<std::string>& rooms) {
  if (!node_.backplane.subscribes_exactly()) return false;
  std::vector<std::string> channels;
  channels.reserve(rooms.size());
  for (const auto& room : rooms) channels.push_back(protocol::room_channel(room));
  hear(session, std::move(channels));
  return true;
}

void ShardApplication::hear(const Session& session, std::vector<std::string> channels) {
  to_shard(kBrokerShard, Hearing{session.id, shard_.index(), std::move(channels)});
}

void ShardApplication::tell_broker(Occupancy occupancy) {
  if (!occupancy.empty()) to_shard(kBrokerShard, OccupancyChange{std::move(occupancy)});
}

void ShardApplication::on_slow_consumer(Session& session) {
  slow_clients_.push_back(session.id);
  shard_.request_iteration();
}

// What the hub tells: the directory, which other threads read, follows at once.

/// Runs `change`, and tells the broker what came of it if that wants to know.
template <class Change>
void ShardApplication::with_occupancy(Change change) {
  Occupancy told;
  change(node_.backplane.subscribes_exactly() ? &told : nullptr);
  tell_broker(std::move(told));
}

void ShardApplication::on_add(hub::ClientRecord& client) {
  ++node_.unauthenticated;
  node_.directory.add(client);
}

void ShardApplication::on_remove(hub::ClientRecord& client) {
  if (client.state.load(std::memory_order_relaxed) != ClientState::authenticated) {
    --node_.unauthenticated;
  }
  with_occupancy([&](Occupancy* told) { node_.directory.remove(client, told); });
}

void ShardApplication::identify(hub::ClientRecord& client, hub::ClientIdentity identity) {
  --node_.unauthenticated;
  with_occupancy(
      [&](Occupancy* told) { node_.directory.identify(client, std::move(identity), told); });
}

void ShardApplication::on_join(hub::ClientRecord& client, std::string_view room) {
  with_occupancy([&](Occupancy* told) { node_.directory.join(client.id, room, told); });
}

void ShardApplication::on_leave(hub::ClientRecord& client, std::string_view room) {
  with_occupancy([&](Occupancy* told) { node_.directory.leave(client.id, room, told); });
}

// Topics.

void ShardApplication::subscribe(Session& session, std::string_view topic) {
  hub_.subscribe(session, topic);
}

void ShardApplication::unsubscribe(Session& session, std::string_view topic) {
  hub_.unsubscribe(session, topic);
}

bool ShardApplication::is_subscribed(const Session& session, std::string_view topic) const {
  return hub_.is_subscribed(session, topic);
}

void ShardApplication::publish(Session& session, std::string_view topic, std::string_view text) {
  ws::SharedFrameBuilder builder(ws::Opcode::text, text.size());
  std::ranges::copy(text, builder.payload().begin());
  Message message{
      .to = Message::To::topic, .target = std::string(topic), .frame = std::move(builder).finish()};
  if (!node_.options.transport.publish_to_self) {
    message.exclude = std::make_shared<std::vector<ClientId>>(1, session.id);
  }
  for (std::size_t shard = 0; shard < node_.courier.shards(); ++shard) {
    if (shard == shard_.index()) {
      receive(message);
    } else if (!node_.courier.send(&shard_, shard, message)) {
      shard_.counters().add(Counter::dropped_overloaded);
      note_overload();
    }
  }
}

hub::Delivered ShardApplication::deliver_to_topic(std::string_view topic, const ws::FrameRef& frame,
                                                  hub::Exclude exclude) {
  hub::Delivered delivered;
  const hub::Group* subscribers = hub_.subscribers(topic);
  if (subscribers == nullptr) return delivered;
  for (hub::Member* member : subscribers->members()) {
    if (hub::is_excluded(exclude, member->id)) continue;
    const bool taken = static_cast<Session*>(member)->send_raw(frame) != 0;
    ++(taken ? delivered.accepted : delivered.dropped);
  }
  return delivered;
}

}  // namespace wscast::server
