#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "broker/redis/dialogue.h"
#include "broker/redis/redis_url.h"

namespace wscast::redis {

/// Makes a connection to Redis ours: user and password, name, database, behind Sentinels whether
/// this is a master, and of a Cluster its nodes, all in one write. It fails only for want of what
/// publishing and subscribing need: a user that may do nothing else, and a Redis whose other
/// commands are renamed, will do.
class Login : public Dialogue {
 public:
  /// `url` must outlive it. `name` is for CLIENT LIST; `peer` is who is asked, `tls` how.
  Login(const RedisUrl& url, std::string name, Host peer = {}, bool tls = false);

  std::string opening() override;
  Verdict take(const Reply& reply, std::string& more, std::string& fault) override;

  /// All nodes of the Cluster; empty when it did not name them.
  std::vector<Host> take_nodes() { return std::move(nodes_); }

  /// Why it did not name its nodes, in Redis' words; empty when it did, or was not asked.
  const std::string& nodes_refusal() const { return nodes_refusal_; }

 private:
  enum class Step : std::uint8_t { auth, name, database, role, nodes };

  Verdict validate(Step step, const Reply& reply, std::string& fault);

  const RedisUrl& url_;
  std::string name_;
  Host peer_;
  bool tls_;
  std::vector<Step> steps_;  ///< Each is answered once, in this order.
  std::size_t answered_ = 0;
  std::vector<Host> nodes_;
  std::string nodes_refusal_;
};

bool has_auth(const RedisUrl& url);

/// AUTH as `url` has it; nothing when it has neither user nor password.
void append_auth(std::string& out, const RedisUrl& url);

}  // namespace wscast::redis
