#include "broker/redis/connection/connection_fsm.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "broker/redis/discovery/random_below.h"

namespace wscast::redis {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kMinAttemptTimeout(1'000);

milliseconds attempt_timeout(const RedisOptions& options) {
  return std::max(options.answer_timeout, kMinAttemptTimeout);
}

}  // namespace

ConnectionFsm::ConnectionFsm(const RedisOptions& options, const RedisUrl& url, std::string name,
                             Random& random)
    : options_(options),
      url_(url),
      name_(std::move(name)),
      random_(random),
      selector_(url_, random) {}

ConnectionFsm::Actions ConnectionFsm::start() {
  Actions actions;
  begin_attempt(actions);
  return actions;
}

void ConnectionFsm::stop() noexcept {
  state_ = State::stopped;
}

ConnectionFsm::Actions ConnectionFsm::reconnect(const std::string& why) {
  Actions actions;
  if (!ready() && !attempting()) return actions;
  actions.emplace_back(Close{});
  lose(actions, ready(), describe(why));
  return actions;
}

ConnectionFsm::Actions ConnectionFsm::abort() {
  Actions actions;
  if (state_ == State::idle || state_ == State::stopped) return actions;
  lose(actions, ready() || loss_.was_ready, describe("out of memory"));
  return actions;
}

ConnectionFsm::Actions ConnectionFsm::on_resolved(std::size_t addresses) {
  state_ = State::connecting;
  // One that swallows what it is sent must not hide the others for ever.
  return {Connect{.first = failed_attempts_ % addresses, .tls = uses_tls()}};
}

void ConnectionFsm::on_securing() {
  state_ = State::securing;
}

ConnectionFsm::Actions ConnectionFsm::on_connected() {
  state_ = State::handshaking;
  return {Write{master_query_ ? master_query_->opening() : login_->opening()}};
}

ConnectionFsm::Actions ConnectionFsm::on_reply(const RespValue& reply) {
  using Result = HandshakeStep::Result;
  Actions actions;
  std::string more;
  std::string fault;
  switch (master_query_ ? master_query_->on_reply(reply, more, fault)
                        : login_->on_reply(reply, more, fault)) {
    case Result::more:
      if (!more.empty()) actions.emplace_back(Write{std::move(more)});
      break;
    case Result::done:
      finish_step(actions);
      break;
    case Result::not_yet:
      fail(actions, fault, Failure::absence);
      break;
    case Result::failed:
      fail(actions, fault, Failure::lasting);
      break;
  }
  return actions;
}

ConnectionFsm::Actions ConnectionFsm::on_error(const std::string& why, bool lasting) {
  Actions actions;
  if (ready()) {
    actions.emplace_back(Close{});
    lose(actions, true, describe(why));
  } else if (attempting()) {
    fail(actions, why, lasting ? Failure::lasting : Failure::absence);
  }
  return actions;
}

ConnectionFsm::Actions ConnectionFsm::on_timer() {
  Actions actions;
  if (state_ == State::waiting) {
    begin_attempt(actions);
  } else if (attempting()) {
    const auto limit = std::to_string(attempt_timeout(options_).count());
    fail(actions, std::string(missing()) + " within " + limit + " ms", Failure::silence);
  }
  return actions;
}

ConnectionFsm::Actions ConnectionFsm::on_deferred() {
  if (state_ != State::waiting) return {};
  const auto range = options_.max_reconnect_delay - options_.min_reconnect_delay;
  const auto more = random_below(random_, static_cast<std::uint64_t>(range.count()) + 1);
  Actions actions;
  actions.reserve(2);
  actions.emplace_back(StartTimer{options_.min_reconnect_delay + milliseconds(more)});
  actions.emplace_back(std::exchange(loss_, {}));
  return actions;
}

std::string_view ConnectionFsm::status() const {
  switch (state_) {
    case State::idle:
    case State::resolving:
    case State::connecting:
    case State::securing:
      return "connecting";
    case State::handshaking:
      return "connect";
    case State::ready:
      return "ready";
    case State::waiting:
      return "reconnecting";
    case State::stopped:
      break;
  }
  return "end";
}

bool ConnectionFsm::attempting() const {
  return state_ == State::resolving || state_ == State::connecting || state_ == State::securing ||
         state_ == State::handshaking;
}

void ConnectionFsm::begin_attempt(Actions& actions) {
  faults_.clear();
  failure_ = Failure::silence;
  selector_.begin();
  try_next(actions);
}

void ConnectionFsm::try_next(Actions& actions) {
  state_ = State::resolving;
  master_query_.reset();
  login_.reset();
  auto candidate = selector_.next();
  if (!candidate) return lose(actions, false, faults_);
  peer_ = std::move(candidate->host);
  if (candidate->is_sentinel) {
    master_query_.emplace(url_);
  } else {
    login_.emplace(url_, name_, peer_, uses_tls());
  }
  actions.emplace_back(StartTimer{attempt_timeout(options_)});
  actions.emplace_back(Resolve{});
}

/// The attempt goes on with its next host.
void ConnectionFsm::fail(Actions& actions, const std::string& why, Failure failure) {
  failure_ = std::max(failure_, failure);
  if (!faults_.empty()) faults_ += "; ";
  faults_ += describe(why);
  actions.emplace_back(Close{});
  try_next(actions);
}

/// What was open is closed.
void ConnectionFsm::lose(Actions& actions, bool was_ready, std::string why) {
  if (was_ready) selector_.on_lost();
  failed_attempts_ = was_ready ? 0 : failed_attempts_ + 1;
  state_ = State::waiting;
  loss_ = {was_ready, std::move(why)};
  actions.insert(actions.end(), {StopTimer{}, Defer{}});
}

void ConnectionFsm::finish_step(Actions& actions) {
  if (master_query_) {
    selector_.set_master(master_query_->master());
    actions.emplace_back(Close{});
    return try_next(actions);
  }
  state_ = State::ready;
  selector_.on_connected();
  read_nodes();
  login_.reset();
  actions.insert(actions.end(), {StopTimer{}, ReportReady{}});
}

void ConnectionFsm::read_nodes() {
  selector_.set_nodes(login_->take_nodes());
  if (login_->nodes_refusal().empty()) return;
  log(LogLevel::debug, "redis_cluster_unknown",
      "Redis: only the URL's nodes of the Cluster are known, since " +
          describe(login_->nodes_refusal()));
}

std::string_view ConnectionFsm::missing() const {
  switch (state_) {
    case State::resolving:
      return "the name was not resolved";
    case State::connecting:
      return "no connection";
    case State::securing:
      return "no answer to TLS";
    default:
      return "no answer";
  }
}

bool ConnectionFsm::uses_tls() const {
  return (url_.tls || options_.tls) && peer_.port != 0;
}

}  // namespace wscast::redis
