#include "server/external_gateway.h"

#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "wscast/error.h"

namespace wscast::server {
namespace {

constexpr std::size_t kMessageCost = 256;  ///< In memory, besides the payload.

}  // namespace

std::size_t ExternalGateway::shard_of(const ClientId& client) const {
  return hash_value(client) % shards_.size();
}

template <class Task>
void ExternalGateway::post(std::size_t to, Task task) {
  const Shard& shard = shards_[to];
  shard.executor->post([&clients = *shard.clients, task = std::move(task)] { task(clients); });
}

std::error_code ExternalGateway::open(std::string_view client_id,
                                      std::shared_ptr<ExternalTransport> transport) {
  const std::shared_lock opening(opening_);
  if (!running_ || !opens_) return Errc::stopped;
  const auto client = ClientId::parse(client_id);
  if (!client) return Errc::invalid_client;
  if (!directory_.open_external(*client)) return Errc::client_exists;  // protocol.md O21.
  try {
    post(shard_of(*client), [id = *client, transport = std::move(transport)](
                                ExternalClients& clients) { clients.open(id, transport); });
  } catch (...) {
    directory_.close_external(*client);
    throw;
  }
  return {};
}

std::error_code ExternalGateway::message(std::string_view client_id, std::string_view payload,
                                         bool binary) {
  if (!running_) return Errc::stopped;
  const auto client = ClientId::spelled(client_id);
  if (!client || !directory_.is_external(*client)) return Errc::unknown_client;
  const std::size_t shard = shard_of(*client);
  const std::size_t cost = payload.size() + kMessageCost;
  if (!router_.charge(shard, cost)) return Errc::overloaded;
  try {
    post(shard, [this, id = *client, payload = std::string(payload), binary, shard,
                 cost](ExternalClients& clients) {
      router_.release(shard, cost);
      clients.on_message(id, binary, payload);
    });
  } catch (...) {
    router_.release(shard, cost);
    throw;
  }
  return {};
}

std::error_code ExternalGateway::close(std::string_view client_id) {
  if (!running_) return Errc::stopped;
  const auto client = ClientId::spelled(client_id);
  if (!client || !directory_.is_external(*client)) return Errc::unknown_client;
  post(shard_of(*client), [id = *client](ExternalClients& clients) { clients.on_close(id); });
  directory_.close_external(*client);
  return {};
}

std::error_code ExternalGateway::drain(std::string_view client_id) {
  if (!running_) return Errc::stopped;
  const auto client = ClientId::spelled(client_id);
  if (!client || !directory_.is_external(*client)) return Errc::unknown_client;
  post(shard_of(*client), [id = *client](ExternalClients& clients) { clients.on_drain(id); });
  return {};
}

}  // namespace wscast::server
