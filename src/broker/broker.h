#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/publish_result.h"

#include "base/counters.h"

namespace boost::asio {
class io_context;
}

namespace wscast {

/// What a broker is given by the server that it works for.
class BrokerHost {
 public:
  virtual ~BrokerHost() = default;

  /// Where the broker lives: everything but what says otherwise happens on this loop's thread.
  virtual boost::asio::io_context& loop() = 0;
  virtual Counters& counters() = 0;
  virtual const std::string& server_id() const = 0;

  /// An envelope that somebody published to one of our channels (protocol.md section 3), as it
  /// came, ours not excepted. Valid during the call. Must not call the broker's stop().
  virtual void on_envelope(std::string_view envelope) = 0;
};

/// What carries messages from a server to the others. One server uses it, once: claim() says so.
///
/// Lifetime: whoever holds the options holds the broker, so it may outlive the server and the loop.
/// From start() until stop() has run its `done`, or abandon() has returned, it may have sockets and
/// timers on the loop; after that nothing of it is there, and no callback comes any more.
///
/// Guarantees: what one caller publishes to one channel arrives in order or not at all, at most
/// once, and nothing is kept for later: what cannot go now is answered `down`. No call blocks, no
/// callback runs inside the call that took it, and each callback runs exactly once, also when the
/// link is lost, and at the latest during stop() or abandon().
///
/// Channels are named without the prefix that an installation may have.
class Broker {
 public:
  Broker() = default;
  virtual ~Broker() = default;
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// Makes the broker one server's for good. False: it is another's, or was. Any thread.
  bool claim() { return !claimed_.exchange(true); }

  /// Whether there can be other servers. If not, nothing below but start() and stop() is called.
  virtual bool reaches_others() const = 0;

  /// Whether channels are to be asked for by subscribe(); else all of them are heard anyway.
  virtual bool subscribes_exactly() const = 0;

  /// The longest envelope that publish() takes. Any thread.
  virtual std::size_t max_publish_bytes() const = 0;

  /// Connects. `ready` gets nothing when everything works, else the reason why not, for humans;
  /// then the broker has given up, and is to be stopped. After it was ready a lost connection is
  /// dialled anew for ever.
  using Ready = std::function<void(const std::optional<std::string>& failure)>;
  virtual void start(BrokerHost& host, Ready ready) = 0;

  /// protocol.md section 3: `envelope` to `channel`. `done` may be empty.
  using Done = std::function<void(Backplane)>;
  virtual void publish(std::string channel, std::string envelope, Done done) = 0;

  /// Needs `channels`, each once more than before. `done`, which may be empty, runs when all of
  /// them are heard, so that nothing published from then on is missed; or, counted, when Redis is
  /// not there or did not answer in time: they are subscribed later. It gets those of `channels`
  /// that Redis refused (an ACL): they are not heard, stay needed, and are asked for again at
  /// times.
  using Subscribed = std::function<void(const std::vector<std::string>& refused)>;
  virtual void subscribe(std::vector<std::string> channels, Subscribed done) = 0;

  /// Needs `channels` once less. May come before the subscribe() that it belongs to. One that
  /// nobody needs any more is given up later.
  virtual void unsubscribe(std::vector<std::string> channels) = 0;

  /// Why messages of others do not reach us, or ours not them; empty when all is well. Any thread.
  virtual std::string fault() const = 0;

  /// Waits for answers to what was published, a second at most, then lets go of everything. `done`
  /// runs at the end.
  virtual void stop(std::function<void()> done) = 0;

  /// The loop has ended and will not run again, whatever stop() still waits for: lets go of
  /// everything that lives on it before this returns. Each callback that is still owed runs inside
  /// the call, `down` or `unknown` for what was published; later calls come to nothing. No-op when
  /// it has stopped or was never started. On the loop's thread.
  virtual void abandon() = 0;

 private:
  std::atomic<bool> claimed_{false};
};

}  // namespace wscast
