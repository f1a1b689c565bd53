#include "net/engine.h"

#include <sys/resource.h>

#include <algorithm>
#include <future>
#include <string>
#include <system_error>
#include <thread>

#include "base/log.h"

namespace wscast::net {
namespace {

/// Descriptors reserved for files, connections to a broker and the event loops.
constexpr std::size_t kReserve = 64;

/// Connections beyond the limit that are refused with 503 at the same time; further ones are closed
/// without a response.
constexpr std::size_t kMaxRefusals = 32;

/// Counts a connection that is being refused.
class RefusalAdmission final : public Admission {
 public:
  explicit RefusalAdmission(std::atomic<std::size_t>& count)
      : count_(count), before_(count.fetch_add(1, std::memory_order_relaxed)) {}
  ~RefusalAdmission() override { count_.fetch_sub(1, std::memory_order_relaxed); }

  /// How many were being refused before.
  std::size_t before() const { return before_; }

 private:
  std::atomic<std::size_t>& count_;
  const std::size_t before_;
};

std::size_t max_default_connections() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const auto descriptors = static_cast<std::size_t>(limit.rlim_cur);
  return descriptors > 4 * kReserve ? descriptors - 2 * kReserve : descriptors / 2;
}

}  // namespace

std::size_t shard_count(std::size_t wanted) {
  return wanted > 0 ? wanted : std::max(1u, std::thread::hardware_concurrency());
}

Engine::Engine(std::size_t shards, const TransportOptions& options, const Clock& clock,
               const Shard::MakeApplication& make_application)
    : options_(options),
      max_connections_(options.max_connections > 0 ? options.max_connections
                                                   : max_default_connections()),
      addresses_(options.max_connections_per_address) {
  for (std::size_t i = 0; i < shard_count(shards); ++i) {
    shards_.push_back(std::make_unique<Shard>(i, options, clock, make_application));
  }
}

Engine::~Engine() {
  stop(std::chrono::milliseconds(0));
}

void Engine::start() {
  for (const auto& shard : shards_) shard->start(start_thread_);
}

Endpoint Engine::listen(const Endpoint& endpoint, const ListenOptions& options,
                        std::shared_ptr<const StreamLayer> layer) {
  auto bound = std::make_shared<BoundSocket>(bind_socket(endpoint, options, options_.send_buffer));
  const Endpoint actual = bound->endpoint;
  shards_.front()->post([this, bound = std::move(bound), layer = std::move(layer)] {
    add_listener(std::move(*bound), layer);
  });
  return actual;
}

/// Runs on the first shard's thread. Fails when its event loop can watch no further descriptor.
void Engine::add_listener(BoundSocket bound, std::shared_ptr<const StreamLayer> layer) {
  Shard& first = *shards_.front();
  const std::string where = bound.endpoint.text();
  try {
    listeners_.push_back(std::make_unique<Listener>(
        first.loop(), first.clock(), std::move(bound), first.counters(),
        [this, layer = std::move(layer)](Fd socket) { on_accept(std::move(socket), layer); }));
    listeners_.back()->start();
  } catch (const std::system_error& error) {
    first.counters().add(Counter::accept_failures);
    log(LogLevel::error, "no connection is accepted at " + where + ": " + error.what());
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

void Engine::close_all(std::uint16_t code, std::string_view reason) {
  for (const auto& shard : shards_) {
    shard->post([&to = *shard, code, reason = std::string(reason)] { to.close_all(code, reason); });
  }
}

void Engine::on_accept(Fd socket, const std::shared_ptr<const StreamLayer>& layer) {
  auto arrival = std::make_shared<Arrival>();
  arrival->layer = layer;
  const std::size_t refusals = refusals_.load(std::memory_order_relaxed);
  arrival->refused = connections() >= max_connections_ + refusals;
  if (!arrival->refused && addresses_.limits()) {
    auto result = addresses_.admit(Endpoint::peer_of(socket.get()));
    arrival->admission = std::move(result.admission);
    arrival->refused = !result.admitted;
    if (arrival->refused) {
      shards_.front()->counters().add(Counter::connections_refused_address);
    }
  }
  if (arrival->refused && !(arrival->admission = admit_refusal())) {
    shards_.front()->counters().add(Counter::connections_discarded);
    return;
  }
  arrival->socket = std::move(socket);
  Shard& shard = choose_shard();
  shard.expect_connection();
  if (&shard == Shard::current()) {
    shard.adopt(std::move(*arrival));
    return;
  }
  try {
    shard.post([&shard, arrival] { shard.adopt(std::move(*arrival)); });
  } catch (...) {
    shard.forget_connection();
    throw;
  }
}

/// Returns null when too many are being refused already.
std::unique_ptr<Admission> Engine::admit_refusal() {
  auto admission = std::make_unique<RefusalAdmission>(refusals_);
  if (admission->before() >= kMaxRefusals) return nullptr;
  return admission;
}

Shard& Engine::choose_shard() {
  if (placement_) return *shards_[placement_(placed_++) % shards_.size()];
  const auto load = [](const std::unique_ptr<Shard>& shard) { return shard->load(); };
  return **std::ranges::min_element(shards_, {}, load);
}

void Engine::stop(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (connections() > 0 && std::chrono::steady_clock::now() < end) {
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

}  // namespace wscast::net
