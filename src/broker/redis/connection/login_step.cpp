#include "broker/redis/connection/login_step.h"

#include <string_view>
#include <utility>

#include "base/log.h"
#include "broker/redis/discovery/cluster_nodes.h"
#include "broker/redis/resp/command.h"
#include "broker/redis/resp/error_text.h"

namespace wscast::redis {
namespace {

/// A command that is forbidden, renamed or unknown, and not needed: Pub/Sub knows no databases, a
/// name is for people, and a user who may not ask for the role trusts the Sentinel.
bool is_dispensable(const RespValue& reply) {
  if (reply.kind != RespValue::Kind::error || is_temporary(reply)) return false;
  if (reply.text.starts_with("NOPERM")) return true;
  return reply.text.starts_with("ERR ") && !reply.text.starts_with("ERR DB index") &&
         !reply.text.starts_with("ERR invalid DB index");
}

}  // namespace

LoginStep::LoginStep(const RedisUrl& url, std::string name, Host peer, bool tls)
    : url_(url), name_(std::move(name)), peer_(std::move(peer)), tls_(tls) {
  const bool cluster = url.kind == RedisUrl::Kind::cluster;
  if (url.has_credentials()) commands_.push_back(Command::auth);
  commands_.push_back(Command::name);
  if (!cluster && url.database != 0) commands_.push_back(Command::database);
  if (url.kind == RedisUrl::Kind::sentinel) commands_.push_back(Command::role);
  if (cluster) commands_.push_back(Command::nodes);
}

std::string LoginStep::opening() {
  std::string commands;
  for (const Command command : commands_) {
    switch (command) {
      case Command::auth:
        append_auth(commands, url_.user, url_.password);
        break;
      case Command::name:
        append_command(commands, {"CLIENT", "SETNAME", name_});
        break;
      case Command::database:
        append_command(commands, {"SELECT", std::to_string(url_.database)});
        break;
      case Command::role:
        append_command(commands, {"ROLE"});
        break;
      case Command::nodes:
        append_command(commands, kClusterNodesCommand);
        break;
    }
  }
  return commands;
}

HandshakeStep::Result LoginStep::on_reply(const RespValue& reply, std::string& /*more*/,
                                          std::string& fault) {
  const Result result = validate(commands_[replies_], reply, fault);
  if (result != Result::more) return result;
  return ++replies_ == commands_.size() ? Result::done : Result::more;
}

/// `more`: the command succeeded.
HandshakeStep::Result LoginStep::validate(Command command, const RespValue& reply,
                                          std::string& fault) {
  if (command == Command::nodes) {
    nodes_ = cluster_nodes(reply, peer_, tls_);
    if (reply.kind == RespValue::Kind::error) nodes_refusal_ = error_text(reply);
    return Result::more;
  }
  if (command != Command::auth && is_dispensable(reply)) return Result::more;
  if (command == Command::role && reply.kind == RespValue::Kind::array && !reply.elements.empty()) {
    const std::string_view role = reply.elements.front().text;
    if (role == "master") return Result::more;
    fault = "is no master (ROLE: " + printable(role) + ")";
    return Result::not_yet;
  }
  const bool ok = reply.kind == RespValue::Kind::status && reply.text == "OK";
  if (ok && command != Command::role) return Result::more;
  fault = command == Command::auth ? auth_error_text(reply) : error_text(reply);
  return is_temporary(reply) ? Result::not_yet : Result::failed;
}

}  // namespace wscast::redis
