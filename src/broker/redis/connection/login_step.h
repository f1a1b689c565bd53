#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "broker/redis/discovery/redis_url.h"
#include "broker/redis/resp/handshake_step.h"

namespace wscast::redis {

/// Prepares a connection to the Redis that is to be used, all in one write: authenticates, names
/// the connection, selects the database; behind Sentinels it checks that this is a master, and in a
/// Cluster it asks for the nodes. It fails only for what publishing and subscribing need: a user
/// that may do nothing else, and a Redis whose other commands are renamed, are accepted.
class LoginStep : public HandshakeStep {
 public:
  /// `url` must outlive it. `name` is for CLIENT LIST; `peer` is who is asked, with `tls` or not.
  LoginStep(const RedisUrl& url, std::string name, Host peer = {}, bool tls = false);

  std::string opening() override;
  Result on_reply(const RespValue& reply, std::string& more, std::string& fault) override;

  /// All nodes of the Cluster; empty when it did not name them.
  std::vector<Host> take_nodes() { return std::move(nodes_); }

  /// Why the Cluster did not name its nodes, in Redis' words; empty when it did, or was not asked.
  const std::string& nodes_refusal() const { return nodes_refusal_; }

 private:
  enum class Command : std::uint8_t { auth, name, database, role, nodes };

  Result validate(Command command, const RespValue& reply, std::string& fault);

  const RedisUrl& url_;
  std::string name_;
  Host peer_;
  bool tls_;
  std::vector<Command> commands_;  ///< Each gets one reply, in this order.
  std::size_t replies_ = 0;
  std::vector<Host> nodes_;
  std::string nodes_refusal_;
};

}  // namespace wscast::redis
