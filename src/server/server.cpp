#include "wscast/server.h"

#include <stdexcept>
#include <utility>

#include "base/client_id.h"
#include "base/validated.h"
#include "broker/broker.h"
#include "server/node.h"
#include "server/server_access.h"

namespace wscast {
namespace {

/// A missing broker has an error of its own (protocol.md R10).
ServerOptions checked(ServerOptions options) {
  if (!options.broker) {
    throw std::invalid_argument("[WebSocketServerHelper] Invalid redis connection!");
  }
  return validated(std::move(options));
}

}  // namespace

class Server::Impl {
 public:
  explicit Impl(ServerOptions options) : node(std::move(options)) {}

  server::Node node;
};

Server::Server(ServerOptions options) {
  const std::shared_ptr<Broker> broker = options.broker;
  impl_ = std::make_unique<Impl>(checked(std::move(options)));
  if (!broker->claim()) {
    throw std::invalid_argument(
        "broker: another Server uses it, or has used it; each Server needs a broker of its own.");
  }
}

Server::~Server() = default;

void Server::configure() {
  impl_->node.configure();
}

std::string Server::listen(std::string_view endpoint, const ListenOptions& options) {
  return impl_->node.listen(endpoint, options);
}

CertificateReload Server::reload_certificates() {
  return impl_->node.reload_certificates();
}

ExternalServerHandler Server::handler() {
  server::ExternalGateway* external = &impl_->node.external();
  return {
      .open =
          [external](std::string_view client_id, std::shared_ptr<ExternalTransport> transport) {
            return external->open(client_id, std::move(transport));
          },
      .message = [external](std::string_view client_id, std::string_view payload,
                            bool binary) { return external->message(client_id, payload, binary); },
      .close = [external](std::string_view client_id) { return external->close(client_id); },
      .drain = [external](std::string_view client_id) { return external->drain(client_id); },
      .options = impl_->node.transport_options()};
}

std::string Server::new_client_id() {
  return ClientId::generate(system_random()).text();
}

std::vector<std::string> Server::update_options(const ServerOptions& options) {
  return impl_->node.update_options(options);
}

const std::string& Server::path() const {
  return impl_->node.options().path;
}

const std::string& Server::server_id() const {
  return impl_->node.server_id();
}

std::optional<ClientInfo> Server::get_client(std::string_view client_id) const {
  const auto client = ClientId::spelled(client_id);
  return client ? impl_->node.directory().info(*client) : std::nullopt;
}

std::vector<ClientInfo> Server::get_clients() const {
  return impl_->node.directory().infos();
}

std::vector<ClientInfo> Server::get_clients(const Page& page) const {
  return impl_->node.directory().infos(page);
}

std::vector<RoomInfo> Server::get_rooms(const Page& page) const {
  return impl_->node.directory().rooms(page);
}

std::vector<ClientInfo> Server::get_clients_by_user(std::string_view user_id) const {
  return impl_->node.directory().infos_of_user(user_id);
}

std::vector<ClientInfo> Server::get_clients_by_room(std::string_view room) const {
  return impl_->node.directory().infos_of_room(room);
}

bool Server::in_room(std::string_view client_id, std::string_view room) const {
  const auto client = ClientId::spelled(client_id);
  return client && impl_->node.directory().in_room(*client, room);
}

std::size_t Server::client_count() const {
  return impl_->node.directory().clients();
}

std::size_t Server::room_size(std::string_view room) const {
  return impl_->node.directory().room_size(room);
}

Stats Server::stats() const {
  return impl_->node.stats();
}

Measurements Server::measurements() const {
  return impl_->node.measurements();
}

bool Server::healthy() const {
  return impl_->node.healthy();
}

std::error_code Server::start_trace(const StartTrace& start) {
  return impl_->node.tracer().start(start);
}

std::optional<TraceReport> Server::get_trace(std::string_view id) const {
  return impl_->node.tracer().report(id);
}

bool Server::stop_trace(std::string_view id) {
  return impl_->node.tracer().stop(id);
}

std::vector<ServerInfo> Server::get_servers() const {
  return impl_->node.servers();
}

std::error_code Server::store(const Store& call) {
  return impl_->node.shared_store().store(call);
}

std::error_code Server::call_servers(const CallServers& call) {
  return impl_->node.server_calls().call(call);
}

bool Server::has_history(std::string_view room) const {
  return impl_->node.history_rules().find(room) != nullptr;
}

std::error_code Server::join_room(const Membership& membership) {
  return impl_->node.control().join_room(membership);
}

std::error_code Server::leave_room(const Membership& membership) {
  return impl_->node.control().leave_room(membership);
}

std::error_code Server::enable_client_encryption(std::string_view client_id) {
  return impl_->node.control().enable_client_encryption(client_id);
}

Result<int> Server::send_to_client(const SendToClient& call) {
  return impl_->node.dispatcher().send_to_client(call);
}

std::error_code Server::send_to_user(const SendToUser& call) {
  return impl_->node.dispatcher().send_to_user(call);
}

std::error_code Server::send_to_room(const SendToRoom& call) {
  return impl_->node.dispatcher().send_to_room(call);
}

std::error_code Server::broadcast(const Broadcast& call) {
  return impl_->node.dispatcher().broadcast(call);
}

std::error_code Server::send(const Send& call) {
  return impl_->node.dispatcher().send(call);
}

void Server::batch(const std::function<void()>& calls) {
  impl_->node.router().gather(calls);
}

std::error_code Server::close_client(const CloseClient& call) {
  return impl_->node.control().close_client(call);
}

std::error_code Server::close_user(const CloseUser& call) {
  return impl_->node.control().close_user(call);
}

std::error_code Server::revoke_user(const RevokeUser& call) {
  return impl_->node.control().revoke_user(call);
}

void Server::drain(const DrainOptions& options) {
  impl_->node.drain(options);
}

void Server::shutdown() {
  impl_->node.shutdown();
}

void Server::wait() {
  impl_->node.wait();
}

server::Node& ServerAccess::node(Server& server) {
  return server.impl_->node;
}

}  // namespace wscast
