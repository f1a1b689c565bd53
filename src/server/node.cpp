#include "server/node.h"

#include <algorithm>
#include <future>
#include <latch>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/log.h"
#include "base/uuid.h"
#include "protocol/utf8.h"
#include "server/upgrade_handler.h"
#include "ws/close_code.h"

namespace wscast::server {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto kStopPatience = std::chrono::seconds(8);
constexpr auto kBrokerPatience = std::chrono::milliseconds(1'500);
constexpr auto kDisconnectPatience = std::chrono::seconds(2);
constexpr auto kClosePatience = milliseconds(3'500);  // A session's own, and a sweep.
constexpr auto kPollPause = std::chrono::milliseconds(2);
constexpr auto kTickEvery = std::chrono::milliseconds(500);
constexpr auto kTickMissing = std::chrono::seconds(5);
constexpr std::size_t kMinUnauthenticated = 1'000;
constexpr std::size_t kExternalMessageCost = 256;  ///< In memory, besides the payload.

/// What the ready-made encryption decides is decided in one place.
ServerOptions completed(ServerOptions options) {
  if (options.encryption) options.session.encryption = options.encryption->clients;
  return options;
}

std::string make_server_id(Random& random) {
  UuidBytes bytes{};
  random.fill(bytes);
  stamp_uuid_v4(bytes);
  return format_uuid(bytes);
}

std::size_t max_unauthenticated(const TransportOptions& options, std::size_t max_connections) {
  if (options.max_unauthenticated_connections > 0) {
    return options.max_unauthenticated_connections;
  }
  return std::max(kMinUnauthenticated, max_connections / 4);
}

}  // namespace

Node::Node(ServerOptions options)
    : options_(completed(std::move(options))),
      server_id_(make_server_id(system_random())),
      router_(options_.http, *this, {options_.path, UpgradeHandler(options_.allowed_origins)}),
      log_(options_.identifier),
      directory_(net::shard_count(options_.shards), system_clock()),
      courier_(options_.max_inbox_bytes,
               [](net::Shard& shard, const Delivery& delivery) {
                 ShardApplication::of(shard).receive(delivery);
               }),
      backplane_(
          *options_.broker, server_id_, log_,
          [this](const protocol::BackplaneMessage& message) { dispatcher_.receive(message); }),
      context_{.options = options_,
               .router = router_,
               .directory = directory_,
               .courier = courier_,
               .random = system_random(),
               .log = log_,
               .backplane = backplane_,
               .max_unauthenticated = 0},
      engine_(options_.shards, options_.transport, system_clock(), [this](net::Shard& shard) {
        return std::make_unique<ShardApplication>(shard, context_);
      }) {
  context_.max_unauthenticated = max_unauthenticated(options_.transport, engine_.max_connections());
  std::vector<net::Shard*> shards;
  for (const auto& shard : engine_.shards()) shards.push_back(shard.get());
  courier_.connect(std::move(shards));
}

Node::~Node() {
  shutdown();
  wait();
  if (stopper_.joinable()) stopper_.join();
}

// Life.

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
  log_(LogLevel::info,
       "started, " + std::to_string(engine_.shards().size()) + " shards, server id " + server_id_);
}

/// Waits, without holding the lock, until the broker works or shutdown() was called; the broker
/// knows how long that may take.
void Node::start(std::unique_lock<std::mutex>& lock) {
  for (const auto& shard : engine_.shards()) {
    auto& local = ShardApplication::of(*shard);
    shard->every(options_.session.heartbeat_interval, [&local] { local.check_heartbeats(); });
    shard->every(kTickEvery, [&local] { local.tick(); });
  }
  engine_.start();
  start_broker();
  changed_.wait(lock, [this] { return broker_ready_ || state_ != State::starting; });
  if (state_ != State::starting) throw std::system_error(Errc::stopped);
  if (const auto& failure = *broker_ready_) throw std::runtime_error(*failure);
}

void Node::start_broker() {
  net::Shard& shard = *engine_.shards()[kBrokerShard];
  shard.post([this, &shard] {
    backplane_.start(shard, [this](const std::optional<std::string>& failure) {
      const std::lock_guard held(mutex_);
      broker_ready_ = failure;
      changed_.notify_all();
    });
  });
}

/// Publishes in flight are settled first. When the shard is too busy for that the end of its thread
/// settles them.
void Node::stop_broker() {
  const auto stopped = std::make_shared<std::promise<void>>();
  auto future = stopped->get_future();
  engine_.shards()[kBrokerShard]->post(
      [this, stopped] { backplane_.stop([stopped] { stopped->set_value(); }); });
  future.wait_for(kBrokerPatience);
}

std::string Node::listen(std::string_view endpoint, const ListenOptions& options) {
  const auto parsed = net::Endpoint::parse(endpoint);
  if (!parsed) throw std::system_error(Errc::invalid_endpoint, printable(endpoint));
  const std::string bound = listen(*parsed, options);
  log_(LogLevel::info, "listening on " + bound);
  return bound;
}

/// Under the lock, so that the shard hears of the socket before stop() takes all away.
std::string Node::listen(const net::Endpoint& endpoint, const ListenOptions& options) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::running) throw std::system_error(Errc::stopped);
  return engine_.listen(endpoint, options).text();
}

void Node::shutdown() {
  const std::lock_guard lock(mutex_);
  if (state_ == State::made) {
    state_ = State::stopped;
  } else if (state_ == State::starting || state_ == State::running) {
    state_ = State::stopping;
    running_ = false;
  }
  changed_.notify_all();
}

void Node::run_stopper() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return state_ == State::stopping; });
  }
  stop();
  const std::lock_guard lock(mutex_);
  state_ = State::stopped;
  changed_.notify_all();
}

/// protocol.md O8, O19: stop accepting first, then tell everybody. A server that never got ready
/// has no clients to wait for, and perhaps not all of its shards.
void Node::stop() {
  const auto begin = SteadyClock::now();
  if (!started_) return engine_.stop(milliseconds(0));
  engine_.stop_listening();
  { const std::unique_lock none_opens(opening_); }  // Who was let in is on its way to a shard.
  close_sessions();
  await_sessions(begin);
  stop_broker();
  engine_.stop(
      std::chrono::duration_cast<milliseconds>(begin + kStopPatience - SteadyClock::now()));
  log_(LogLevel::info, "stopped");
}

void Node::close_sessions() {
  const auto shards = static_cast<std::ptrdiff_t>(engine_.shards().size());
  const auto left = std::make_shared<std::latch>(shards);
  for (const auto& shard : engine_.shards()) {
    shard->post([left, &local = ShardApplication::of(*shard)] {
      local.close_all();
      left->count_down();
    });
  }
  left->wait();
}

/// All sessions have ended: each hook that is due has been queued, and each close that waits for
/// the transformer is known. Connections are waited for later, but not those of external servers.
void Node::await_sessions(SteadyTime begin) const {
  const auto await_none = [this](auto count, SteadyTime end) {
    const auto left = [&] {
      std::size_t sum = 0;
      for (std::size_t i = 0; i < engine_.shards().size(); ++i) sum += (application(i).*count)();
      return sum;
    };
    while (left() > 0 && SteadyClock::now() < end) std::this_thread::sleep_for(kPollPause);
  };
  await_none(&ShardApplication::open_disconnects, begin + kDisconnectPatience);
  await_none(&ShardApplication::open_closes, begin + kClosePatience);
}

void Node::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return state_ == State::stopped; });
}

/// What is no message is never refused.
void Node::hand(std::size_t shard, Delivery delivery) {
  net::Shard* here = engine_.current();
  if (here != nullptr && here->index() == shard) {
    ShardApplication::of(*here).receive(delivery);
  } else {
    courier_.send(here, shard, std::move(delivery));
  }
}

// Clients.

std::error_code Node::join_room(const Membership& membership) {
  return change_membership(membership, true);
}

std::error_code Node::leave_room(const Membership& membership) {
  return change_membership(membership, false);
}

std::error_code Node::change_membership(const Membership& membership, bool in) {
  if (membership.room.empty() || !protocol::is_utf8(membership.room)) return Errc::invalid_text;
  if (!running_) return Errc::stopped;
  const auto client = ClientId::parse(membership.client_id);
  if (!client) return Errc::unknown_client;
  Occupancy told;
  const auto shard = directory_.change(*client, membership.room, in,
                                       backplane_.subscribes_exactly() ? &told : nullptr);
  if (!shard) return Errc::unknown_client;
  hand(*shard, MembershipChange{*client, std::string(membership.room), in});
  if (!told.empty()) hand(kBrokerShard, OccupancyChange{std::move(told)});
  return {};
}

std::error_code Node::enable_client_encryption(std::string_view client_id) {
  if (!options_.hooks.outbound_transformer) return Errc::no_transformer;
  if (!running_) return Errc::stopped;
  const auto client = ClientId::parse(client_id);
  const auto shard = client ? directory_.shard_of(*client) : std::nullopt;
  if (!shard) return Errc::unknown_client;
  hand(*shard, EncryptionChange{*client});
  return {};
}

std::error_code Node::close_client(const CloseClient& call) {
  if (!session::may_close_with(call.code, call.reason)) return Errc::invalid_text;
  if (!running_) return Errc::stopped;
  const auto client = ClientId::parse(call.client_id);
  const auto shard = client ? directory_.shard_of(*client) : std::nullopt;
  if (!shard) return Errc::unknown_client;
  hand(*shard, Closing{*client, call.code, std::string(call.reason)});
  return {};
}

std::error_code Node::close_user(const CloseUser& call) {
  if (!session::may_close_with(call.code, call.reason)) return Errc::invalid_text;
  if (!running_) return Errc::stopped;
  if (call.user_id.empty()) return {};
  for (const std::size_t shard : directory_.shards_of_user(call.user_id)) {
    hand(shard, Closing{std::string(call.user_id), call.code, std::string(call.reason)});
  }
  return {};
}

// External clients.

std::size_t Node::external_shard_of(const ClientId& client) const {
  return hash_value(client) % engine_.shards().size();
}

template <class Task>
void Node::on_external_shard(const ClientId& client, Task task) {
  const std::size_t shard = external_shard_of(client);
  engine_.shards()[shard]->post([&local = application(shard), client,
                                 task = std::move(task)]() mutable { task(local, client); });
}

std::error_code Node::open_external(std::string_view client_id,
                                    std::shared_ptr<ExternalTransport> transport) {
  const std::shared_lock opening(opening_);
  if (!running_) return Errc::stopped;
  const auto client = ClientId::parse(client_id);
  if (!client) return Errc::invalid_client;
  if (!directory_.open_external(*client)) return Errc::client_exists;  // protocol.md O21.
  on_external_shard(
      *client, [transport = std::move(transport)](ShardApplication& local, const ClientId& id) {
        local.open_external(id, transport);
      });
  return {};
}

std::error_code Node::external_message(std::string_view client_id, std::string_view payload,
                                       bool binary) {
  if (!running_) return Errc::stopped;
  const auto client = ClientId::parse(client_id);
  if (!client || !directory_.is_external(*client)) return Errc::unknown_client;
  const std::size_t shard = external_shard_of(*client);
  const std::size_t cost = payload.size() + kExternalMessageCost;
  if (!courier_.charge(shard, cost)) {
    overloaded_.fetch_add(1, std::memory_order_relaxed);
    return Errc::overloaded;
  }
  on_external_shard(*client, [this, payload = std::string(payload), binary, shard, cost](
                                 ShardApplication& local, const ClientId& id) {
    courier_.release(shard, cost);
    local.external_message(id, binary, payload);
  });
  return {};
}

std::error_code Node::external_close(std::string_view client_id) {
  if (!running_) return Errc::stopped;
  const auto client = ClientId::parse(client_id);
  if (!client || !directory_.close_external(*client)) return Errc::unknown_client;
  on_external_shard(*client,
                    [](ShardApplication& local, const ClientId& id) { local.external_close(id); });
  return {};
}

std::error_code Node::external_drain(std::string_view client_id) {
  if (!running_) return Errc::stopped;
  const auto client = ClientId::parse(client_id);
  if (!client || !directory_.is_external(*client)) return Errc::unknown_client;
  on_external_shard(*client,
                    [](ShardApplication& local, const ClientId& id) { local.external_drain(id); });
  return {};
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
  return running_ ? backplane_.fault() : "shutting down";
}

Stats Node::stats() const {
  Stats stats;
  engine_.add_to(stats);
  stats.clients = directory_.clients();
  for (std::size_t i = 0; i < engine_.shards().size(); ++i) {
    const ShardStats shard{.connections = engine_.shards()[i]->load(),
                           .authenticated = application(i).authenticated(),
                           .inbox_bytes = courier_.inbox_bytes(i)};
    stats.authenticated += shard.authenticated;
    stats.shards.push_back(shard);
  }
  dispatcher_.add_to(stats);
  stats.counters[static_cast<std::size_t>(Counter::log_failures)] = log_failures();
  stats.counters[static_cast<std::size_t>(Counter::dropped_overloaded)] +=
      overloaded_.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace wscast::server
