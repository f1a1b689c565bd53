#include "net/engine.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <string>
#include <system_error>

#include "base/log.h"
#include "net/layer_chain.h"
#include "net/proxy_header_layer.h"
#include "net/usable_cores.h"

namespace wscast::net {
namespace {

/// Descriptors reserved for files, connections to a broker and the event loops.
constexpr std::size_t kReserve = 64;

std::size_t max_default_connections() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const auto descriptors = static_cast<std::size_t>(limit.rlim_cur);
  return descriptors > 4 * kReserve ? descriptors - 2 * kReserve : descriptors / 2;
}

std::size_t max_connections_of(const TransportOptions& options) {
  return options.max_connections > 0 ? options.max_connections : max_default_connections();
}

}  // namespace

std::size_t shard_count(std::size_t wanted) {
  return wanted > 0 ? wanted : usable_cores();
}

Engine::Engine(std::size_t shards, const TransportOptions& options, const Clock& clock,
               const Shard::MakeApplication& make_application)
    : options_(options),
      max_connections_(max_connections_of(options)),
      addresses_(options.max_connections_per_address),
      trusted_(options.trusted_proxies) {
  for (std::size_t i = 0; i < shard_count(shards); ++i) {
    shards_.push_back(std::make_unique<Shard>(i, options, clock, make_application));
  }
  if (options.io != Io::epoll) use_rings();
}

void Engine::use_rings() {
  try {
    std::vector<std::unique_ptr<SendRing>> rings(shards_.size());
    for (auto& ring : rings) ring = std::make_unique<SendRing>();
    for (std::size_t i = 0; i < rings.size(); ++i) shards_[i]->send_by(std::move(rings[i]));
  } catch (const std::system_error& error) {
    if (options_.io == Io::uring) throw;
    log(LogLevel::info, "io_uring_unavailable",
        std::string("io_uring is not used: ") + error.what());
  }
}

Engine::~Engine() {
  stop(std::chrono::milliseconds(0));
}

void Engine::measure_deliveries() {
  for (const auto& shard : shards_) shard->measure_deliveries();
}

void Engine::batch_from(std::size_t writes) {
  for (const auto& shard : shards_) shard->batch_from(writes);
}

void Engine::start() {
  for (const auto& shard : shards_) shard->start(start_thread_);
}

Endpoint Engine::listen(const Endpoint& endpoint, const ListenOptions& options,
                        std::shared_ptr<const StreamLayer> layer) {
  Reception reception{.proxy_protocol = options.proxy_protocol, .layer = std::move(layer)};
  if (options.proxy_protocol) {
    if (trusted_.empty()) {
      throw std::system_error(EINVAL, std::generic_category(),
                              "cannot listen on " + endpoint.text() +
                                  ": the PROXY protocol needs transport.trusted_proxies");
    }
    reception.layer = chain(std::make_shared<const ProxyHeaderLayer>(), reception.layer);
  }
  auto bound = std::make_shared<BoundSocket>(bind_socket(endpoint, options, options_.send_buffer));
  const Endpoint actual = bound->endpoint;
  shards_.front()->post([this, bound = std::move(bound), reception = std::move(reception)] {
    add_listener(std::move(*bound), reception);
  });
  return actual;
}

/// Runs on the first shard's thread. Fails when its event loop can watch no further descriptor.
void Engine::add_listener(BoundSocket bound, Reception reception) {
  Shard& first = *shards_.front();
  const std::string where = bound.endpoint.text();
  try {
    listeners_.push_back(
        std::make_unique<Listener>(first.loop(), first.clock(), std::move(bound), first.counters(),
                                   [this, reception = std::move(reception)](Fd socket) {
                                     on_accept(std::move(socket), reception);
                                   }));
    listeners_.back()->start();
  } catch (const std::system_error& error) {
    first.counters().add(Counter::accept_failures);
    log(LogLevel::error, "accept_stopped",
        "no connection is accepted at " + where + ": " + error.what());
  }
}

void Engine::stop_listening() {
  const auto done = std::make_shared<std::promise<void>>();
  shards_.front()->post([this, done] {
    listeners_.clear();
    done->set_value();
  });
  done->get_future().wait();
}

void Engine::change_limits(const TransportOptions& options) {
  max_connections_ = max_connections_of(options);
  addresses_.set_limit(options.max_connections_per_address);
}

void Engine::close_all(std::uint16_t code, std::string_view reason) {
  for (const auto& shard : shards_) {
    shard->post([&to = *shard, code, reason = std::string(reason)] { to.close_all(code, reason); });
  }
}

void Engine::on_accept(Fd socket, const Reception& reception) {
  const bool asks = addresses_.limits() || !trusted_.empty();
  const Endpoint peer = asks ? Endpoint::peer_of(socket.get()) : Endpoint{};
  const bool trusted = trusts(peer);
  if (reception.proxy_protocol && !trusted) return refuse_untrusted(peer);
  const auto arrival = std::make_shared<Arrival>();
  arrival->layer = reception.layer;
  if (!admit(*arrival, peer, trusted)) {
    shards_.front()->counters().add(Counter::connections_discarded);
    return;
  }
  arrival->socket = std::move(socket);
  hand_over(arrival);
}

bool Engine::trusts(const Endpoint& peer) const {
  const auto address = peer.ip();
  return address ? trusted_.trusts(*address) : peer.family() == AF_UNIX && trusted_.trusts_unix();
}

/// Counts a connection against the limits, and marks it as refused when one is exceeded. That of a
/// proxy is counted when its client is known. Returns false when it cannot even be refused.
bool Engine::admit(Arrival& arrival, const Endpoint& peer, bool trusted) {
  arrival.refused = connections() >= max_connections_ + refusals_.count();
  if (!arrival.refused && trusted) {
    arrival.admission = std::make_unique<ProxiedClient>(proxies_);
  } else if (!arrival.refused && addresses_.limits()) {
    auto result = addresses_.admit(peer);
    arrival.admission = std::move(result.admission);
    arrival.refused = !result.admitted;
    if (arrival.refused) {
      shards_.front()->counters().add(Counter::connections_refused_address);
    }
  }
  if (arrival.refused) arrival.admission = refusals_.admit();
  return !arrival.refused || arrival.admission;
}

void Engine::hand_over(std::shared_ptr<Arrival> arrival) {
  Shard& shard = choose_shard();
  shard.expect_connection();
  if (&shard == Shard::current()) {
    shard.adopt(std::move(*arrival));
    return;
  }
  try {
    shard.post([&shard, arrival = std::move(arrival)] { shard.adopt(std::move(*arrival)); });
  } catch (...) {
    shard.forget_connection();
    throw;
  }
}

/// The connection is closed by the caller. Runs on the first shard's thread.
void Engine::refuse_untrusted(const Endpoint& peer) {
  shards_.front()->counters().add(Counter::proxy_untrusted);
  if (!log_enabled(LogLevel::debug)) return;
  log(LogLevel::debug, "proxy_untrusted",
      "a connection from " + peer.text() +
          " was closed: it is no trusted proxy, and a PROXY header is due here");
}

Shard& Engine::choose_shard() {
  if (placement_) return *shards_[placement_(placed_++) % shards_.size()];
  const auto load = [](const std::unique_ptr<Shard>& shard) { return shard->load(); };
  return **std::ranges::min_element(shards_, {}, load);
}

void Engine::stop(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  const auto some = [](const std::unique_ptr<Shard>& shard) {
    return shard->load() > shard->handed_over(false) + shard->handed_over(true);
  };
  while (std::ranges::any_of(shards_, some) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  for (const auto& shard : shards_) shard->stop();
  listeners_.clear();
}

Shard* Engine::current() const {
  Shard* current = Shard::current();
  if (current == nullptr || current->index() >= shards_.size()) return nullptr;
  return shards_[current->index()].get() == current ? current : nullptr;
}

std::size_t Engine::connections() const {
  std::size_t count = 0;
  for (const auto& shard : shards_) count += shard->load();
  return count;
}

void Engine::add_to(Stats& stats) const {
  stats.connections += connections();
  for (const auto& shard : shards_) shard->counters().add_to(stats);
}

void Engine::add_to(Measurements& all) const {
  all.max_connections = max_connections_;
  for (const bool encrypted : {false, true}) {
    const std::string_view transport = encrypted ? "tls" : "plain";
    for (std::size_t i = 0; i < static_cast<std::size_t>(ConnectionState::count_); ++i) {
      const auto state = static_cast<ConnectionState>(i);
      ConnectionCount count{.transport = transport, .state = to_string(state)};
      for (const auto& shard : shards_) {
        count.connections += shard->gauges().connections(encrypted, state);
      }
      all.connections.push_back(count);
    }
    ConnectionCount away{.transport = transport, .state = "handed_over"};
    for (const auto& shard : shards_) away.connections += shard->handed_over(encrypted);
    all.connections.push_back(away);
  }
  for (const auto& shard : shards_) {
    shard->gauges().add_to(all.outbound);
    if (shard->deliveries() != nullptr) shard->deliveries()->add_to(all.delivery_ns);
  }
}

}  // namespace wscast::net
