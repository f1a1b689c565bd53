#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/measurements.h"
#include "wscast/publish_result.h"
#include "wscast/store.h"

#include "base/counters.h"
#include "broker/history.h"

namespace boost::asio {
class io_context;
}

namespace wscast {

/// The server's side of a Broker.
class BrokerHost {
 public:
  virtual ~BrokerHost() = default;

  /// The broker's loop: its calls and callbacks run on this loop's thread, unless they say "Any
  /// thread".
  virtual boost::asio::io_context& loop() = 0;
  virtual Counters& counters() = 0;
  virtual const std::string& server_id() const = 0;

  /// An envelope that was published to one of our channels, by this server too, unparsed. Valid
  /// during the call. Must not call the broker's stop() (protocol.md section 3).
  virtual void on_envelope(std::string_view envelope) = 0;

  /// Nothing more comes of what was received together. What on_envelope() got since the last call
  /// may wait for this one; it comes soon after, before the loop waits.
  virtual void on_read_end() {}

  /// The broker had been ready, did not receive for at most `away`, and receives again, with all
  /// channels that were needed subscribed: what others published meanwhile is lost. Comes before
  /// anything that is published from now on (protocol.md X3). A broker that cannot lose its
  /// subscription never calls it.
  virtual void on_gap(std::chrono::milliseconds away) = 0;

  /// Messages that others published to these channels are lost, though the broker was there. An
  /// empty name stands for any channel. Comes before anything that is received later, or, when more
  /// is lost soon after, merged and later (protocol.md X3).
  virtual void on_loss(const std::vector<std::string>& channels) = 0;
};

/// A text that is to be kept under a key, as Store.
struct StoreRequest {
  std::string key;
  std::string value;
  std::chrono::milliseconds ttl;
  bool replace = false;
};

/// Carries messages between servers. It belongs to one server, once: see claim().
///
/// Lifetime: the options share the broker, so it may outlive the server and the loop. From start()
/// until stop() has run its `done`, or abandon() has returned, it may have sockets and timers on
/// the loop; after that it has none, and no callback comes any more.
///
/// Guarantees: what one caller publishes to one channel arrives in order or not at all, at most
/// once, and nothing is kept for later: what cannot be sent now gets `down`. No call blocks, no
/// callback runs inside the call that it was given to, and each runs exactly once, also when the
/// connection is lost, and at the latest during stop() or abandon(). A call that throws, for want
/// of memory, owes no callback.
///
/// Channels are named without the prefix that an installation may have.
class Broker {
 public:
  Broker() = default;
  virtual ~Broker() = default;
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// Assigns the broker to a server, for good. False: it was assigned before. Any thread.
  bool claim() { return !claimed_.exchange(true); }

  /// Whether there can be other servers. If not, only start() and stop() are called.
  virtual bool reaches_others() const = 0;

  /// Whether only channels given to subscribe() are received; else all of them are.
  virtual bool subscribes_exactly() const = 0;

  /// The longest envelope that publish() accepts. Any thread.
  virtual std::size_t max_publish_bytes() const = 0;

  /// Connects. `ready` gets nothing when everything works, else the reason, for humans; then the
  /// broker has given up and is to be stopped. Once it was ready it reconnects for ever.
  using Ready = std::function<void(const std::optional<std::string>& failure)>;
  virtual void start(BrokerHost& host, Ready ready) = 0;

  /// Publishes `envelope` to `channel`. `done` may be empty (protocol.md section 3).
  using Done = std::function<void(Backplane)>;
  virtual void publish(std::string channel, std::string envelope, Done done) = 0;

  /// Needs `channels`, each once more than before. `done`, which may be empty, runs when all of
  /// them are subscribed, so that nothing published from then on is missed; or, counted, when Redis
  /// is not there or did not answer in time: they are subscribed later. It gets those of `channels`
  /// that Redis refused (an ACL): they are not subscribed, stay needed, and are requested again
  /// from time to time.
  using Subscribed = std::function<void(const std::vector<std::string>& refused)>;
  virtual void subscribe(std::vector<std::string> channels, Subscribed done) = 0;

  /// Needs `channels` once less. May come before the subscribe() that it belongs to. A channel that
  /// is not needed any more is unsubscribed after a delay.
  virtual void unsubscribe(std::vector<std::string> channels) = 0;

  /// Keeps a text that all servers of the broker can read, for a time.
  using Stored = std::function<void(const StoreResult&)>;
  virtual void store(StoreRequest request, Stored done) = 0;

  /// Keeps the messages of rooms with history. Null: this broker cannot.
  virtual History* history() { return nullptr; }

  /// Why messages between this server and others are lost now; empty without a fault. Any thread.
  virtual std::string fault() const = 0;

  /// How its connections are. Any thread.
  virtual BackplaneState state() const { return {.reaches_others = reaches_others()}; }

  /// Waits for the outcome of what was published, a second at most, then closes everything. `done`
  /// runs last.
  virtual void stop(std::function<void()> done) = 0;

  /// Closes everything at once, since the loop has ended and will not run again, even if stop() was
  /// called. Each callback that is still owed runs inside the call, with `down` or `unknown` for
  /// what was published; later calls are no-ops. No-op if stopped or never started.
  virtual void abandon() = 0;

 private:
  std::atomic<bool> claimed_{false};
};

}  // namespace wscast
