#include "support/session_world.h"

#include <utility>

namespace wscast::session {
namespace {

ws::FrameRef text_frame(std::string_view text) {
  return ws::make_frame(ws::Opcode::text, text);
}

}  // namespace

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::unauthorized:
      return "Unauthorized";
    case Stage::authenticating:
      return "Authenticating";
    case Stage::handshaking:
      return "Handshaking";
    case Stage::in_connected_hook:
      return "InConnectedHook";
    case Stage::authenticated:
      return "Authenticated";
    case Stage::in_rooms_hook:
      return "InRoomsHook";
    case Stage::in_message_hook:
      return "InMessageHook";
    case Stage::transforming:
      break;
  }
  return "Transforming";
}

int Client::send(std::string_view text) {
  return session.deliver(text_frame(text), hub::Address::client);
}

Texts Client::take_sent() {
  Texts sent = std::exchange(transport.sent, {});
  const std::string own = id();
  for (std::string& text : sent) {
    const auto at = text.find(own);
    if (at != std::string::npos) text.replace(at, own.size(), "ID");
  }
  return sent;
}

Client& World::open() {
  return *clients_.emplace_back(std::make_unique<Client>(context));
}

Client& World::enter(std::string_view user) {
  Client& client = open();
  client.receive(R"({"event":"authenticate"})");
  client.session.on_authenticate_result(Identity{std::string(user)});
  client.session.on_subscribed();
  std::erase_if(delegate.open, [&](const auto& one) { return one.session == &client.session; });
  client.session.on_hook_done();
  forget();
  return client;
}

void World::encrypt(Encryption clients, std::string info) {
  options.encryption = clients;
  context.ecdh = &ecdh_.emplace(std::move(info), random);
}

Client& World::client_in(Stage stage) {
  Client& client = stage > Stage::in_connected_hook ? enter() : open();
  if (stage > Stage::unauthorized && stage <= Stage::in_connected_hook) {
    if (stage == Stage::handshaking) options.encryption = Encryption::required;
    if (stage == Stage::in_connected_hook) delegate.has_connected_hook = true;
    client.receive(R"({"event":"authenticate"})");
    if (stage != Stage::authenticating) client.session.on_authenticate_result(Identity{"alice"});
  }
  if (stage == Stage::in_rooms_hook) client.receive(R"({"event":"join","data":{"rooms":["x"]}})");
  if (stage == Stage::in_message_hook) client.receive(R"({"event":"x"})");
  if (stage == Stage::transforming) {
    client.session.outbound().enable_encryption();
    client.send(R"({"event":"x"})");
  }
  forget();
  return client;
}

void World::complete_all() {
  while (!delegate.open.empty()) {
    FakeDelegate::Request request = std::move(delegate.open.front());
    delegate.open.pop_front();
    complete(std::move(request));
  }
}

void World::complete(FakeDelegate::Request request) const {
  Session& session = *request.session;
  switch (request.hook) {
    case FakeDelegate::Hook::authenticate:
      return session.on_authenticate_result(results.authenticate);
    case FakeDelegate::Hook::handshake:
      return session.on_handshake_result(results.handshake);
    case FakeDelegate::Hook::rooms:
      session.on_hook_started();
      return session.on_rooms_result(results.rooms.value_or(request.rooms));
    case FakeDelegate::Hook::message:
    case FakeDelegate::Hook::connected:
      session.on_hook_started();
      return session.on_hook_done();
    case FakeDelegate::Hook::subscribe:
      return session.on_subscribed();
    case FakeDelegate::Hook::transform:
      if (!session.outbound().seal_waiting())
        session.outbound().on_transform_result(results.transform);
      return;
  }
}

void World::complete_late(Client& client) const {
  client.session.on_authenticate_result(results.authenticate);
  client.session.on_handshake_result(results.handshake);
  client.session.on_rooms_result(Texts{"late"});
  client.session.on_subscribed();
  client.session.on_hook_done();
  client.session.outbound().on_transform_result(results.transform);
}

Counts World::counted() const {
  Stats now;
  counters.add_to(now);
  Counts counts;
  for (std::size_t i = 0; i < kCounters; ++i) {
    const std::uint64_t more = now.counters[i] - before_.counters[i];
    if (more > 0) counts[wscast::to_string(static_cast<Counter>(i))] = more;
  }
  return counts;
}

void World::forget() {
  for (const auto& client : clients_) client->transport.sent.clear();
  delegate.requested.clear();
  before_ = {};
  counters.add_to(before_);
}

hub::Delivered World::to_room(std::string_view room, std::string_view text, hub::Exclude exclude) {
  return hub.to_room(room, text_frame(text), exclude);
}

hub::Delivered World::to_user(std::string_view user, std::string_view text) {
  return hub.to_user(user, text_frame(text));
}

hub::Delivered World::broadcast(std::string_view text, hub::Exclude exclude) {
  return hub.broadcast(text_frame(text), exclude);
}

std::string error_text(std::string_view message) {
  return R"({"event":"error","data":{"message":")" + std::string(message) + R"("}})";
}

}  // namespace wscast::session
