#include "server/node.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/log.h"
#include "base/random_id.h"
#include "protocol/utf8.h"
#include "server/option_changes.h"

namespace wscast::server {
namespace {

constexpr auto kTickEvery = std::chrono::milliseconds(500);
constexpr auto kTickMissing = std::chrono::seconds(5);
constexpr std::size_t kMinUnauthenticated = 1'000;

std::size_t max_unauthenticated(const TransportOptions& options, std::size_t max_connections) {
  if (options.max_unauthenticated_connections > 0) {
    return options.max_unauthenticated_connections;
  }
  return std::max(kMinUnauthenticated, max_connections / 4);
}

}  // namespace

Node::Node(ServerOptions options)
    : options_(completed(options)),
      server_id_(random_uuid(system_random())),
      started_at_(std::chrono::system_clock::now()),
      log_(options_.identifier),
      history_rules_(options_.history),
      directory_(net::shard_count(options_.shards), system_clock()),
      router_(options_.max_inbox_bytes, [this] { return current_shard(); }),
      backplane_(
          *options_.broker, server_id_, log_,
          [this](const protocol::BackplaneMessage& message) { on_message(message); },
          [this] { remote_delivery_.flush(); },
          [this] {
            history_.on_gap();
            remote_delivery_.report_gap();
          },
          [this](const std::vector<std::string>& channels) {
            remote_delivery_.report_loss(channels);
          }),
      interest_(backplane_, router_, options_.session.default_rooms),
      failed_authentications_(options_.transport.max_failed_authentications_per_address),
      occupancy_(options_, directory_, router_),
      context_{.options = options_,
               .view = *this,
               .directory = directory_,
               .router = router_,
               .random = system_random(),
               .log = log_,
               .backplane = backplane_,
               .interest = interest_,
               .failed_authentications = failed_authentications_,
               .draining = draining_,
               .occupancy = occupancy_,
               .history_rules = history_rules_,
               .history_interest = history_rules_.empty() ? nullptr : &history_interest_,
               .history = history_,
               .max_unauthenticated = 0},
      engine_(options_.shards, options_.transport, system_clock(),
              [this](net::Shard& shard) {
                return std::make_unique<ShardApplication>(shard, context_);
              }),
      broker_executor_(*engine_.shards()[kBrokerShard]),
      history_(broker_executor_, history_rules_,
               {.max_waiting_bytes = options_.transport.backpressure_limit}, history_delivery_),
      in_force_(std::move(options)) {
  protocol::is_utf8("x");  // simdjson chooses its code with the first text, and needs memory then.
  context_.max_unauthenticated = max_unauthenticated(options_.transport, engine_.max_connections());
  if (options_.measure) engine_.measure_deliveries();
  connect_shards();
}

void Node::connect_shards() {
  std::vector<ShardPort> ports;
  std::vector<ExternalGateway::Shard> external;
  std::vector<ServerDrain::Shard> drains;
  for (std::size_t i = 0; i < engine_.shards().size(); ++i) {
    ports.push_back(application(i).port());
    external.push_back(application(i).external());
    drains.push_back(application(i).drain());
  }
  router_.connect(ports);
  external_.connect(std::move(external));
  drain_.connect(std::move(drains));
}

std::optional<std::size_t> Node::current_shard() const {
  const net::Shard* shard = engine_.current();
  return shard == nullptr ? std::nullopt : std::optional(shard->index());
}

Node::~Node() {
  shutdown();
  wait();
  if (stopper_.joinable()) stopper_.join();
}

// Starting and stopping.

void Node::configure() {
  std::unique_lock lock(mutex_);
  if (state_ != State::made) throw std::system_error(Errc::stopped);
  stopper_ = engine_.start_thread("the thread that stops the server", [this] { run_stopper(); });
  state_ = State::starting;
  try {
    start(lock);
  } catch (...) {
    if (state_ == State::starting) state_ = State::stopping;
    changed_.notify_all();
    changed_.wait(lock, [this] { return state_ == State::stopped; });
    throw;
  }
  state_ = State::running;
  running_ = started_ = true;
  lock.unlock();  // The log sink may call the server.
  log_(LogLevel::info, "server_started",
       "started, " + std::to_string(engine_.shards().size()) + " shards, server id " + server_id_);
}

/// Waits, without holding the lock, until the broker is ready or has failed, which it limits in
/// time, or until shutdown() was called.
void Node::start(std::unique_lock<std::mutex>& lock) {
  for (const auto& shard : engine_.shards()) {
    auto& local = ShardApplication::of(*shard);
    local.start_heartbeats();
    shard->every(kTickEvery, [&local] {
      local.tick();
      return true;
    });
  }
  engine_.shards()[0]->every(IncidentLog::kPeriod, [this] {
    incidents_.report(stats());
    return true;
  });
  engine_.start();
  start_broker();
  changed_.wait(lock, [this] { return broker_ready_ || state_ != State::starting; });
  if (state_ != State::starting) throw std::system_error(Errc::stopped);
  if (const auto& failure = *broker_ready_) throw std::runtime_error(*failure);
}

void Node::start_broker() {
  net::Shard& shard = *engine_.shards()[kBrokerShard];
  shard.post([this, &shard] {
    backplane_.start(shard.loop(), shard.counters(),
                     [this](const std::optional<std::string>& failure) {
                       if (!failure) server_calls_.start();
                       if (!failure) history_.start(backplane_.history());
                       const std::lock_guard held(mutex_);
                       broker_ready_ = failure;
                       changed_.notify_all();
                     });
  });
}

std::string Node::listen(std::string_view endpoint, const ListenOptions& options) {
  const auto parsed = net::Endpoint::parse(endpoint);
  if (!parsed) throw std::system_error(Errc::invalid_endpoint, printable(endpoint));
  std::optional<TlsListeners::Listener> tls;
  if (options.tls) tls = tls_.make(*options.tls);
  std::string bound = listen(*parsed, options, tls ? tls->layer : nullptr);
  log_(LogLevel::info, "listening", "listening on " + bound + (tls ? " (TLS)" : ""));
  if (tls) tls_.add(std::move(*tls), bound);
  return bound;
}

/// Under the lock, so that the socket reaches the shard before stop() ends it.
std::string Node::listen(const net::Endpoint& endpoint, const ListenOptions& options,
                         std::shared_ptr<const net::StreamLayer> layer) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::running) throw std::system_error(Errc::stopped);
  return engine_.listen(endpoint, options, std::move(layer)).text();
}

void Node::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return state_ == State::stopped; });
}

// Between servers.

void Node::on_message(const protocol::BackplaneMessage& message) {
  const bool for_servers = message.type == protocol::BackplaneTarget::server;
  if (for_servers || message.position) remote_delivery_.flush();  // It came before.
  if (for_servers) return server_calls_.on_message(message);
  if (message.position && history_.on_message(message)) return;
  remote_delivery_.deliver(message);
}

ServerInfo Node::describe() const {
  const Stats now = stats();
  return {.identifier = options_.identifier,
          .version = WSCAST_VERSION,
          .draining = draining_,
          .started_at = started_at_,
          .connections = now.connections,
          .clients = now.clients,
          .authenticated = now.authenticated,
          .rooms = directory_.rooms()};
}

// Options.

/// Everything that needs memory comes first, as far as that goes.
std::vector<std::string> Node::update_options(ServerOptions wanted) {
  const std::lock_guard lock(options_mutex_);
  OptionChanges changes = changes_to(in_force_, std::move(wanted));
  const ServerOptions all = completed(changes.options);
  std::vector<std::unique_ptr<ShardOptions>> own;
  for (std::size_t i = 0; i < engine_.shards().size(); ++i) {
    own.push_back(std::make_unique<ShardOptions>(
        ShardOptions{all.session, all.transport, all.allowed_origins}));
  }
  for (std::size_t i = 0; i < own.size(); ++i) application(i).post_options(std::move(own[i]));
  engine_.change_limits(all.transport);
  failed_authentications_.set_limit(all.transport.max_failed_authentications_per_address);
  context_.max_unauthenticated = max_unauthenticated(all.transport, engine_.max_connections());
  in_force_ = std::move(changes.options);
  return std::move(changes.refused);
}

TransportOptions Node::transport_options() const {
  const std::lock_guard lock(options_mutex_);
  return in_force_.transport;
}

// Shards.

ShardApplication& Node::application(std::size_t shard) const {
  return ShardApplication::of(*engine_.shards()[shard]);
}

bool Node::healthy() const {
  const SteadyTime latest = system_clock().now() - kTickMissing;
  for (std::size_t i = 0; i < engine_.shards().size(); ++i) {
    if (application(i).last_tick() < latest) return false;
  }
  return true;
}

std::string Node::not_ready() const {
  if (!running_) return "shutting down";
  return draining_ ? "draining" : backplane_.fault();
}

Stats Node::stats() const {
  Stats stats;
  engine_.add_to(stats);
  stats.clients = directory_.clients();
  for (std::size_t i = 0; i < engine_.shards().size(); ++i) {
    const ShardStats shard{.connections = engine_.shards()[i]->load(),
                           .authenticated = application(i).authenticated(),
                           .inbox_bytes = router_.queued_bytes(i)};
    stats.authenticated += shard.authenticated;
    stats.shards.push_back(shard);
  }
  dispatcher_.add_to(stats);
  router_.add_to(stats);
  occupancy_.add_to(stats);
  tls_.add_to(stats);
  stats.counters[static_cast<std::size_t>(Counter::log_failures)] = log_failures();
  return stats;
}

Measurements Node::measurements() const {
  Measurements all;
  engine_.add_to(all);
  for (std::size_t i = 0; i < engine_.shards().size(); ++i) {
    if (const ShardMeasures* measures = application(i).measures()) measures->add_to(all);
  }
  all.backplane = backplane_.state();
  return all;
}

}  // namespace wscast::server
