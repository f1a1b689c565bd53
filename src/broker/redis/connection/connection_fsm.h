#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "wscast/redis.h"

#include "base/random.h"
#include "broker/redis/connection/login_step.h"
#include "broker/redis/discovery/endpoint_selector.h"
#include "broker/redis/discovery/master_query.h"
#include "broker/redis/discovery/redis_url.h"
#include "broker/redis/resp/resp_value.h"

namespace wscast::redis {

/// The state machine of a Connection: each event returns the actions to perform, in order. An
/// attempt goes through the hosts of EndpointSelector until a handshake succeeds; after a failed
/// attempt or a lost connection the next attempt begins after a pause. No I/O and no clock.
class ConnectionFsm {
 public:
  /// Resolve the name of peer(): on_resolved() or on_error().
  struct Resolve {
    friend bool operator==(const Resolve&, const Resolve&) = default;
  };

  /// Connect to the resolved addresses, beginning with number `first`: on_securing() when a TLS
  /// handshake begins, then on_connected() or on_error().
  struct Connect {
    std::size_t first = 0;
    bool tls = false;
    friend bool operator==(const Connect&, const Connect&) = default;
  };

  /// Send `commands`; on_reply() for each reply until the connection is ready.
  struct Write {
    std::string commands;
    friend bool operator==(const Write&, const Write&) = default;
  };

  /// Close the connection and cancel the resolver: no event of theirs comes any more.
  struct Close {
    friend bool operator==(const Close&, const Close&) = default;
  };

  /// Call on_timer() after `delay`, in place of what the timer was set to before.
  struct StartTimer {
    std::chrono::milliseconds delay;
    friend bool operator==(const StartTimer&, const StartTimer&) = default;
  };

  struct StopTimer {
    friend bool operator==(const StopTimer&, const StopTimer&) = default;
  };

  /// Call on_deferred() from the loop, not inside this call.
  struct Defer {
    friend bool operator==(const Defer&, const Defer&) = default;
  };

  /// Notify the handler that the handshake is done.
  struct ReportReady {
    friend bool operator==(const ReportReady&, const ReportReady&) = default;
  };

  /// Notify the handler: see Connection::Handler::on_lost.
  struct ReportLost {
    bool was_ready = false;
    std::string why;
    friend bool operator==(const ReportLost&, const ReportLost&) = default;
  };

  using Action = std::variant<Resolve, Connect, Write, Close, StartTimer, StopTimer, Defer,
                              ReportReady, ReportLost>;
  using Actions = std::vector<Action>;

  /// `name`: for CLIENT LIST. `options` and `random` must outlive it.
  ConnectionFsm(const RedisOptions& options, const RedisUrl& url, std::string name, Random& random);
  ConnectionFsm(const ConnectionFsm&) = delete;
  ConnectionFsm& operator=(const ConnectionFsm&) = delete;

  // Calls of the owner

  Actions start();

  /// The caller closes the connection, and needs no memory for it.
  void stop() noexcept;

  /// Gives up the connection, or the attempt, and begins another one after the usual pause. No-op
  /// when that waits already.
  Actions reconnect(const std::string& why);

  /// An event's actions were not all performed, since one threw, and what was open is closed: begin
  /// anew after the usual pause. The loss is reported once at least.
  Actions abort();

  // Events

  Actions on_resolved(std::size_t addresses);
  void on_securing();
  Actions on_connected();

  /// A reply before the connection is ready; later ones are for the handler alone.
  Actions on_reply(const RespValue& reply);

  /// The name was not resolved, the connection failed or ended. `lasting`: another attempt would
  /// fail the same way (a certificate).
  Actions on_error(const std::string& why, bool lasting);

  Actions on_timer();
  Actions on_deferred();

  // State

  bool ready() const { return state_ == State::ready; }

  /// The host that it is connected to, or tries.
  const Host& peer() const { return peer_; }

  /// See Connection.
  std::string_view status() const;
  bool unresponsive() const { return failure_ == Failure::silence; }
  bool may_succeed_later() const { return failure_ != Failure::lasting; }
  void set_nodes(const std::vector<Host>& nodes) { selector_.set_nodes(nodes); }

 private:
  enum class State : std::uint8_t {
    idle,
    resolving,
    connecting,
    securing,     ///< Connected; TLS is being negotiated.
    handshaking,  ///< Connected; a HandshakeStep is under way.
    ready,
    waiting,  ///< For on_deferred(), then for the next attempt.
    stopped,
  };

  /// Why an attempt failed: the worst of its hosts counts, the last of these being the worst.
  enum class Failure : std::uint8_t { silence, absence, lasting };

  bool attempting() const;
  void begin_attempt(Actions& actions);
  void try_next(Actions& actions);
  void fail(Actions& actions, const std::string& why, Failure failure);
  void lose(Actions& actions, bool was_ready, std::string why);
  void finish_step(Actions& actions);
  void read_nodes();
  std::string_view missing() const;
  bool uses_tls() const;
  std::string describe(const std::string& why) const { return peer_.text() + ": " + why; }

  const RedisOptions& options_;
  const RedisUrl url_;
  const std::string name_;
  Random& random_;

  State state_ = State::idle;
  EndpointSelector selector_;
  Host peer_;
  std::optional<MasterQuery> master_query_;  ///< The step, if a Sentinel is asked.
  std::optional<LoginStep> login_;           ///< The step, if it is the Redis to use.
  std::size_t failed_attempts_ = 0;          ///< Since it was ready.
  std::string faults_;                       ///< Why hosts failed in this attempt.
  Failure failure_ = Failure::silence;
  ReportLost loss_;  ///< To report on on_deferred().
};

}  // namespace wscast::redis
