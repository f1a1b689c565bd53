#include "broker/redis/login.h"

#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "broker/redis/command.h"

namespace wscast::redis {
namespace {

void append(std::string& out, std::initializer_list<std::string_view> words) {
  append_command(out, std::span(words.begin(), words.size()));
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

std::string words_of(const Reply& reply, const RedisUrl& url) {
  constexpr std::string_view kUnknown = "an answer that was not expected";
  if (reply.kind != Reply::Kind::error && reply.kind != Reply::Kind::status) {
    return std::string(kUnknown);
  }
  // A Redis that has no AUTH (renamed, or something else listens there) tells its arguments back.
  const std::string_view text = reply.text.substr(0, reply.text.find(", with args beginning"));
  const bool secret = !url.password.empty() && text.find(url.password) != std::string_view::npos;
  return secret ? std::string(kUnknown) : printable(text);
}

Login::Login(const RedisUrl& url, std::string name) : url_(url), name_(std::move(name)) {
  if (has_auth(url)) steps_.push_back(Step::auth);
  steps_.push_back(Step::name);
  if (url.kind != RedisUrl::Kind::cluster && url.database != 0) steps_.push_back(Step::database);
  if (url.kind == RedisUrl::Kind::sentinel) steps_.push_back(Step::role);
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
    }
  }
  return commands;
}

Dialogue::Verdict Login::take(const Reply& reply, std::string& /*more*/, std::string& fault) {
  fault = fault_of(steps_[answered_], reply);
  if (!fault.empty()) return Verdict::failed;
  return ++answered_ == steps_.size() ? Verdict::done : Verdict::more;
}

std::string Login::fault_of(Step step, const Reply& reply) const {
  if (step == Step::role && reply.kind == Reply::Kind::array && !reply.elements.empty()) {
    const std::string_view role = reply.elements.front().text;
    return role == "master" ? "" : "is no master (ROLE: " + printable(role) + ")";
  }
  // A name is a convenience: a user who may only publish and subscribe need not have it.
  const bool nameless =
      step == Step::name && reply.kind == Reply::Kind::error && reply.text.starts_with("NOPERM");
  const bool fine = step != Step::role && reply.kind == Reply::Kind::status && reply.text == "OK";
  return fine || nameless ? "" : words_of(reply, url_);
}

}  // namespace wscast::redis
