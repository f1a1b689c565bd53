#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "wscast/listen_options.h"
#include "wscast/measurements.h"
#include "wscast/options.h"
#include "wscast/stats.h"

#include "base/clock.h"
#include "base/thread.h"
#include "base/trusted_proxies.h"
#include "net/address_limiter.h"
#include "net/endpoint.h"
#include "net/listener.h"
#include "net/proxied_client.h"
#include "net/refusal_reserve.h"
#include "net/shard.h"
#include "net/stream_layer.h"

namespace wscast::net {

/// The number of shards for the option `wanted`: 0 stands for one per usable core.
std::size_t shard_count(std::size_t wanted);

/// The shards of a server and the listeners that feed them. Each connection goes to the shard with
/// the fewest. Any thread, except the shards' own for stop_listening() and stop().
class Engine {
 public:
  /// `shards`: 0 for one per usable core. `options` and `clock` must outlive the engine. Throws
  /// std::system_error when Io::uring is asked for and cannot be used.
  Engine(std::size_t shards, const TransportOptions& options, const Clock& clock,
         const Shard::MakeApplication& make_application);
  ~Engine();

  /// Throws std::system_error when a thread cannot be started; stop() ends those that were.
  void start();

  /// Returns the endpoint with the port that was bound. Does not wait for a shard: connections wait
  /// in the kernel until the first shard accepts them. `layer`: what each of them gets; null for
  /// plain ones; it comes behind the PROXY header, if one is due. Throws std::system_error.
  Endpoint listen(const Endpoint& endpoint, const ListenOptions& options = {},
                  std::shared_ptr<const StreamLayer> layer = nullptr);

  /// Waits for the first shard. A listen() that runs at the same time may still listen afterwards.
  void stop_listening();

  /// Makes every shard close its connections; stop() waits for them.
  void close_all(std::uint16_t code, std::string_view reason);

  /// Waits until no connection is left but those that were handed over, at most `patience`, then
  /// ends the threads.
  void stop(std::chrono::milliseconds patience);

  const std::vector<std::unique_ptr<Shard>>& shards() const { return shards_; }

  /// The calling thread's shard; null when the thread is no shard of this engine.
  Shard* current() const;

  /// For tests: chooses the shard of each connection by its number. Call before connections come.
  void set_placement(std::function<std::size_t(std::size_t)> placement) {
    placement_ = std::move(placement);
  }

  /// For tests: shards with io_uring use it from so many writes at once on. Call before start().
  void batch_from(std::size_t writes);

  /// For tests: replaces what starts threads. Call before start().
  void start_threads_with(StartThread start) { start_thread_ = std::move(start); }

  /// Has the shards measure deliveries. Before start().
  void measure_deliveries();

  /// Starts a thread of the library, as start() does.
  std::thread start_thread(std::string_view what, std::function<void()> body) const {
    return start_thread_(what, std::move(body));
  }

  /// The limit of open connections.
  std::size_t max_connections() const { return max_connections_; }

  /// Follows the limits of `options`; the shards have their own copies.
  void change_limits(const TransportOptions& options);

  /// Open connections now.
  std::size_t connections() const;

  /// Adds the counters of all shards to `stats`.
  void add_to(Stats& stats) const;

  /// Adds what the shards measure.
  void add_to(Measurements& all) const;

 private:
  /// How the connections of one listener begin.
  struct Reception {
    bool proxy_protocol = false;
    std::shared_ptr<const StreamLayer> layer;  ///< With that of the PROXY header, if it is due.
  };

  void use_rings();
  void on_accept(Fd socket, const Reception& reception);
  bool trusts(const Endpoint& peer) const;
  void refuse_untrusted(const Endpoint& peer);
  bool admit(Arrival& arrival, const Endpoint& peer, bool trusted);
  void hand_over(std::shared_ptr<Arrival> arrival);
  Shard& choose_shard();
  void add_listener(BoundSocket bound, Reception reception);

  const TransportOptions& options_;
  std::atomic<std::size_t> max_connections_;
  AddressLimiter addresses_;
  RefusalReserve refusals_;
  const TrustedProxies trusted_;
  const ProxyContext proxies_{trusted_, addresses_, refusals_};
  std::function<std::size_t(std::size_t)> placement_;
  std::atomic<std::size_t> placed_{0};
  StartThread start_thread_ = wscast::start_thread;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::unique_ptr<Listener>> listeners_;  ///< Used on the first shard's thread.
};

}  // namespace wscast::net
