#include "server/node.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "base/log.h"
#include "protocol/envelope.h"
#include "protocol/utf8.h"
#include "protocol/verified_json.h"

namespace wscast::server {
namespace {

constexpr auto kStopPatience = std::chrono::seconds(8);

/// protocol.md D15: encoded once, on the calling thread, whoever receives it.
ws::SharedFrame encode(std::string_view event, const Json& data) {
  ws::SharedFrameBuilder builder(ws::Opcode::text, protocol::envelope_size(event, data.view()));
  protocol::write_envelope(builder.payload().data(), event, data.view());
  return std::move(builder).finish();
}

std::shared_ptr<const std::vector<ClientId>> ids_of(const std::vector<std::string>& texts) {
  if (texts.empty()) return nullptr;
  auto ids = std::make_shared<std::vector<ClientId>>();
  for (const auto& text : texts) {
    if (const auto id = ClientId::parse(text)) ids->push_back(*id);
  }
  return ids;
}

void deliver_on(net::Shard& shard, const Delivery& delivery) {
  static_cast<ShardApplication&>(shard.application()).deliver(delivery);
}

}  // namespace

Node::Node(ServerOptions options)
    : options_(std::move(options)),
      site_(options_),
      directory_(net::shard_count(options_.shards)),
      courier_(options_.inbox_bytes_max, deliver_on),
      context_{options_, site_, directory_, courier_, system_random()},
      engine_(options_.shards, options_.transport, system_clock(), [this](net::Shard& shard) {
        return std::make_unique<ShardApplication>(shard, context_);
      }) {
  std::vector<net::Shard*> shards;
  for (const auto& shard : engine_.shards()) shards.push_back(shard.get());
  courier_.connect(std::move(shards));
}

Node::~Node() {
  shutdown();
  wait();
  if (stopper_.joinable()) stopper_.join();
}

void Node::configure() {
  const std::lock_guard lock(mutex_);
  if (state_ != State::made) throw std::system_error(Errc::stopped);
  for (const auto& shard : engine_.shards()) {
    auto& local = static_cast<ShardApplication&>(shard->application());
    shard->every(options_.session.heartbeat_interval, [&local] { local.check_heartbeats(); });
  }
  engine_.start();
  state_ = State::running;
  running_ = true;
}

std::string Node::listen(std::string_view text) {
  const auto endpoint = net::Endpoint::parse(text);
  if (!endpoint) throw std::system_error(Errc::invalid_endpoint, printable(text));
  const std::lock_guard lock(mutex_);
  if (state_ != State::running) throw std::system_error(Errc::stopped);
  return engine_.listen(*endpoint).text();
}

/// protocol.md D6 to D10.
std::error_code Node::send(const SendOptions& options) {
  const Json& data = options.payload.data;
  if (options.payload.topic.empty() || !data.present()) return {};
  if (!protocol::is_utf8(options.payload.topic) || !protocol::is_valid(data)) {
    return Errc::invalid_json;
  }
  if (!running_) return Errc::stopped;

  Delivery delivery{
      .target = std::string(options.destination), .frame = {}, .exclude = ids_of(options.exclude)};
  std::vector<std::size_t> shards;
  const auto client = ClientId::parse(options.destination);
  const auto home = client ? directory_.shard_of(*client) : std::nullopt;
  if (options.destination.empty()) {
    delivery.to = Delivery::To::everybody;
    shards = all_shards();
  } else if (home) {
    delivery.to = Delivery::To::client;
    shards = {*home};
  } else {
    delivery.to = Delivery::To::room;
    shards = directory_.shards_of_room(options.destination);
  }
  if (shards.empty()) return {};
  delivery.frame = encode(options.payload.topic, data);
  return deliver(delivery, shards);
}

/// The caller's own shard at once, the others by courier.
std::error_code Node::deliver(const Delivery& delivery, const std::vector<std::size_t>& shards) {
  net::Shard* here = calling_shard();
  std::error_code answer;
  for (const std::size_t shard : shards) {
    if (here != nullptr && here->index() == shard) {
      deliver_on(*here, delivery);
    } else if (!courier_.send(here, shard, delivery)) {
      overloaded_.fetch_add(1, std::memory_order_relaxed);
      answer = Errc::overloaded;
    }
  }
  return answer;
}

net::Shard* Node::calling_shard() const {
  net::Shard* current = net::Shard::current();
  if (current == nullptr) return nullptr;
  const auto& shards = engine_.shards();
  const bool ours = current->index() < shards.size() && shards[current->index()].get() == current;
  return ours ? current : nullptr;
}

std::vector<std::size_t> Node::all_shards() const {
  std::vector<std::size_t> shards(engine_.shards().size());
  std::iota(shards.begin(), shards.end(), std::size_t{0});
  return shards;
}

Stats Node::stats() const {
  Stats stats;
  engine_.add_to(stats);
  stats.clients = directory_.clients();
  for (const auto& shard : engine_.shards()) {
    stats.authenticated +=
        static_cast<const ShardApplication&>(shard->application()).authenticated();
  }
  stats.counters[static_cast<std::size_t>(Counter::dropped_overloaded)] += overloaded_.load();
  return stats;
}

void Node::shutdown() {
  const std::lock_guard lock(mutex_);
  if (state_ == State::made) state_ = State::stopped;
  if (state_ != State::running) return;
  state_ = State::stopping;
  running_ = false;
  stopper_ = std::thread([this] { stop(); });
}

/// protocol.md O8, O19: stop accepting first, then tell everybody.
void Node::stop() {
  engine_.stop_listening();
  for (const auto& shard : engine_.shards()) {
    shard->post(
        [&local = static_cast<ShardApplication&>(shard->application())] { local.close_all(); });
  }
  engine_.stop(kStopPatience);
  const std::lock_guard lock(mutex_);
  state_ = State::stopped;
  changed_.notify_all();
}

void Node::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return state_ == State::stopped; });
}

}  // namespace wscast::server
