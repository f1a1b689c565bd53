#include "wscast/server.h"

#include <stdexcept>

#include "server/node.h"

namespace wscast {
namespace {

/// protocol.md R10 names the error for a missing broker; the other faults come all at once.
ServerOptions checked(ServerOptions options) {
  if (!options.broker) {
    throw std::invalid_argument("[WebSocketServerHelper] Invalid redis connection!");
  }
  std::string faults;
  for (const auto& fault : options.validate()) faults += (faults.empty() ? "" : " ") + fault;
  if (!faults.empty()) throw std::invalid_argument(faults);
  return options;
}

}  // namespace

class Server::Impl {
 public:
  explicit Impl(ServerOptions options) : node(std::move(options)) {}

  server::Node node;
};

Server::Server(ServerOptions options)
    : impl_(std::make_unique<Impl>(checked(std::move(options)))) {}

Server::~Server() = default;

void Server::configure() {
  impl_->node.configure();
}

std::string Server::listen(std::string_view endpoint) {
  return impl_->node.listen(endpoint);
}

std::error_code Server::send(const SendOptions& options) {
  return impl_->node.send(options);
}

bool Server::in_room(std::string_view client_id, std::string_view room) const {
  const auto client = ClientId::parse(client_id);
  return client && impl_->node.directory().in_room(*client, room);
}

std::size_t Server::room_size(std::string_view room) const {
  return impl_->node.directory().room_size(room);
}

std::size_t Server::client_count() const {
  return impl_->node.directory().clients();
}

Stats Server::stats() const {
  return impl_->node.stats();
}

void Server::shutdown() {
  impl_->node.shutdown();
}

void Server::wait() {
  impl_->node.wait();
}

}  // namespace wscast
