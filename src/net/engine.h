#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "wscast/options.h"
#include "wscast/stats.h"

#include "base/clock.h"
#include "net/address_limiter.h"
#include "net/endpoint.h"
#include "net/listener.h"
#include "net/shard.h"

namespace wscast::net {

/// How many shards `wanted` makes: 0 stands for one a core.
std::size_t shard_count(std::size_t wanted);

/// All shards of a process and the listeners that feed them. Each connection goes to the shard
/// with the fewest. Any thread, but none of the shards' own for start(), listen() and stop().
class Engine {
 public:
  /// `shards`: 0 for one a core. `options` and `clock` must outlive the engine.
  Engine(std::size_t shards, const TransportOptions& options, const Clock& clock,
         const Shard::MakeApplication& make_application);
  ~Engine();

  void start();

  /// Answers the endpoint with the port that was taken. Throws std::system_error.
  Endpoint listen(const Endpoint& endpoint);

  void stop_listening();

  /// Asks every shard to close its connections; stop() waits for them.
  void close_all(std::uint16_t code, std::string_view reason);

  /// Waits until no connection is left, at most `patience`, then ends the threads.
  void stop(std::chrono::milliseconds patience);

  const std::vector<std::unique_ptr<Shard>>& shards() const { return shards_; }

  /// The calling thread's shard; null when it is none of these.
  Shard* current() const;

  /// For tests: where connections go, by their number; not while they come.
  void place(std::function<std::size_t(std::size_t)> placement) {
    placement_ = std::move(placement);
  }

  /// How many connections there may be.
  std::size_t connections_max() const { return connections_max_; }

  /// Open connections now.
  std::size_t connections() const;

  /// Adds the counters of all shards to `stats`.
  void add_to(Stats& stats) const;

 private:
  void on_accept(Fd socket);
  std::unique_ptr<Place> take_refusal_place();
  Shard& choose_shard();
  void on_first_shard(std::function<void()> task);

  const TransportOptions& options_;
  const std::size_t connections_max_;
  AddressLimiter addresses_;
  std::atomic<std::size_t> refusals_{0};  ///< Connections that are being refused.
  std::function<std::size_t(std::size_t)> placement_;
  std::atomic<std::size_t> placed_{0};
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::unique_ptr<Listener>> listeners_;  ///< Used on the first shard's thread.
};

}  // namespace wscast::net
