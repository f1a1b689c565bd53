#include "broker/redis/login.h"

#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "broker/redis/cluster_nodes.h"
#include "broker/redis/command.h"
#include "broker/redis/error_words.h"

namespace wscast::redis {
namespace {

void append(std::string& out, std::initializer_list<std::string_view> words) {
  append_command(out, std::span(words.begin(), words.size()));
}

/// A command that is forbidden, renamed or unknown. Pub/Sub knows no databases, a name is for
/// people, and who may not ask for the role trusts the Sentinel.
bool is_done_without(const Reply& reply) {
  if (reply.kind != Reply::Kind::error || is_temporary(reply)) return false;
  if (reply.text.starts_with("NOPERM")) return true;
  return reply.text.starts_with("ERR ") && !reply.text.starts_with("ERR DB index") &&
         !reply.text.starts_with("ERR invalid DB index");
}

}  // namespace

bool has_auth(const RedisUrl& url) {
  return !url.user.empty() || !url.password.empty();
}

void append_auth(std::string& out, const RedisUrl& url) {
  if (!has_auth(url)) return;
  if (url.user.empty()) return append(out, {"AUTH", url.password});
  append(out, {"AUTH", url.user, url.password});
}

Login::Login(const RedisUrl& url, std::string name, Host peer, bool tls)
    : url_(url), name_(std::move(name)), peer_(std::move(peer)), tls_(tls) {
  if (has_auth(url)) steps_.push_back(Step::auth);
  steps_.push_back(Step::name);
  if (url.kind != RedisUrl::Kind::cluster && url.database != 0) steps_.push_back(Step::database);
  if (url.kind == RedisUrl::Kind::sentinel) steps_.push_back(Step::role);
  if (url.kind == RedisUrl::Kind::cluster) steps_.push_back(Step::nodes);
}

std::string Login::opening() {
  std::string commands;
  for (const Step step : steps_) {
    switch (step) {
      case Step::auth:
        append_auth(commands, url_);
        break;
      case Step::name:
        append(commands, {"CLIENT", "SETNAME", name_});
        break;
      case Step::database:
        append(commands, {"SELECT", std::to_string(url_.database)});
        break;
      case Step::role:
        append(commands, {"ROLE"});
        break;
      case Step::nodes:
        append_command(commands, kClusterNodesCommand);
        break;
    }
  }
  return commands;
}

Dialogue::Verdict Login::take(const Reply& reply, std::string& /*more*/, std::string& fault) {
  const Verdict verdict = validate(steps_[answered_], reply, fault);
  if (verdict != Verdict::more) return verdict;
  return ++answered_ == steps_.size() ? Verdict::done : Verdict::more;
}

/// `more`: the step is well.
Dialogue::Verdict Login::validate(Step step, const Reply& reply, std::string& fault) {
  if (step == Step::nodes) {
    nodes_ = cluster_nodes(reply, peer_, tls_);
    if (reply.kind == Reply::Kind::error) nodes_refusal_ = words_of(reply);
    return Verdict::more;
  }
  if (step != Step::auth && is_done_without(reply)) return Verdict::more;
  if (step == Step::role && reply.kind == Reply::Kind::array && !reply.elements.empty()) {
    const std::string_view role = reply.elements.front().text;
    if (role == "master") return Verdict::more;
    fault = "is no master (ROLE: " + printable(role) + ")";
    return Verdict::not_yet;
  }
  const bool ok = reply.kind == Reply::Kind::status && reply.text == "OK";
  if (ok && step != Step::role) return Verdict::more;
  fault = step == Step::auth ? words_of_auth(reply) : words_of(reply);
  return is_temporary(reply) ? Verdict::not_yet : Verdict::failed;
}

}  // namespace wscast::redis
