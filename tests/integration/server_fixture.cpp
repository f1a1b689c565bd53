#include "integration/server_fixture.h"

#include <chrono>
#include <cstdlib>
#include <thread>

#include "wscast/json_fields.h"

#include "client/url.h"
#include "server/server_access.h"

namespace wscast {
namespace {

std::string field(Json object, std::string_view name) {
  const auto fields = JsonFields::of(object);
  return fields ? fields->string(name).value_or("") : "";
}

}  // namespace

std::string message(std::string_view event, std::string_view data) {
  return R"({"event":")" + std::string(event) + R"(","data":)" + std::string(data) + "}";
}

std::string error_message(std::string_view what) {
  return message("error", R"({"message":")" + std::string(what) + R"("})");
}

std::uint64_t dropped_count(std::string_view text) {
  constexpr std::string_view kStart = R"({"event":"dropped","data":{"count":)";
  return text.starts_with(kStart) ? std::stoull(std::string(text.substr(kStart.size()))) : 0;
}

void Peer::send(std::string_view event, std::string_view data) const {
  EXPECT_TRUE(socket->send_text(message(event, data)));
}

std::string Peer::next() const {
  const auto event = socket->receive();
  EXPECT_EQ(event.kind, client::Event::Kind::text) << event.payload << ' ' << event.code;
  return event.payload;
}

void Peer::expect_close(std::uint16_t code, std::string_view reason) const {
  EXPECT_EQ(socket->receive(),
            (client::Event{client::Event::Kind::close, std::string(reason), code}));
}

ServerFixture::ServerFixture(std::size_t shards, const Adjust& adjust) {
  ServerOptions options;
  options.broker = memory_broker();
  options.shards = shards;
  options.hooks.authenticate = [](const AuthenticateRequest& request) {
    const std::string token = field(request.data, "token");
    return token == "wrong" ? std::nullopt : std::optional(Identity{.user_id = token});
  };
  options.hooks.validate_rooms = [](const ValidateRoomsRequest& request) {
    return std::vector<std::string>(request.rooms.begin(), request.rooms.end());
  };
  options.hooks.message = [this](const ClientMessage& message) {
    const auto fields = JsonFields::of(message.data);
    if (!fields) return;
    server_->send({.destination = fields->string("room").value_or(""),
                   .event = message.event,
                   .data = fields->raw("data"),
                   .exclude = {std::string(message.client_id)}});
  };
  const char* io = std::getenv("WSCAST_TEST_IO");
  if (io != nullptr && std::string_view(io) == "epoll") options.transport.io = Io::epoll;
  if (adjust) adjust(options);
  server_ = std::make_unique<Server>(std::move(options));
  ServerAccess::node(*server_).engine().batch_from(1);
  server_->configure();
  address_ = server_->listen("127.0.0.1:0");
}

client::Endpoint endpoint_of(std::string_view address) {
  return client::parse_endpoint(address).value();
}

void ServerFixture::use_tls(std::string address, client::TlsClient& tls) {
  address_ = std::move(address);
  tls_ = &tls;
}

std::unique_ptr<client::BlockingClient> ServerFixture::connect() {
  auto made = std::make_unique<client::BlockingClient>();
  if (tls_ != nullptr) made->use_tls(*tls_);
  EXPECT_FALSE(made->connect(endpoint_of(address_)));
  return made;
}

std::unique_ptr<client::BlockingClient> ServerFixture::authenticate(std::string_view token,
                                                                    std::string* id) {
  auto made = connect();
  made->send_text(R"({"event":"authenticate","data":{"token":")" + std::string(token) + R"("}})");
  const auto event = made->receive();
  EXPECT_TRUE(event.payload.starts_with(R"({"event":"connected")")) << event.payload;
  if (id != nullptr) {
    *id = field(JsonFields::of(Json::text(event.payload))->raw("data"), "id");
  }
  return made;
}

std::unique_ptr<client::BlockingClient> ServerFixture::join(std::string_view token,
                                                            std::string_view room) {
  std::string id;
  auto made = authenticate(token, &id);
  made->send_text(R"({"event":"join","data":{"rooms":[")" + std::string(room) + R"("]}})");
  await([&] { return server_->in_room(id, room); });
  return made;
}

Peer ServerFixture::peer(std::string_view user, const std::vector<std::string>& rooms) {
  Peer made;
  made.socket = authenticate(user, &made.id);
  for (const auto& room : rooms) {
    EXPECT_FALSE(server_->join_room({.client_id = made.id, .room = room}));
  }
  // It is behind the rooms: so they count for everybody when it is here.
  EXPECT_TRUE(server_->send_to_client({.client_id = made.id, .event = "joined"}));
  EXPECT_EQ(made.next(), R"({"event":"joined"})");
  return made;
}

void ServerFixture::spread() {
  ServerAccess::node(*server_).engine().set_placement([](std::size_t number) { return number; });
}

void ServerFixture::await(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    ASSERT_LT(std::chrono::steady_clock::now(), end) << "it never came";
    std::this_thread::yield();
  }
}

}  // namespace wscast
