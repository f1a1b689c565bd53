#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "client/connection.h"
#include "client/frame_masker.h"
#include "client/socket.h"
#include "client/url.h"

namespace wscast::client {

/// Many connections to one server on one epoll set, as lean as it goes: one recv a readable
/// connection, one send for all that its messages caused. One thread; calls from inside the
/// handler are fine.
class Swarm {
 public:
  /// What happens to connections, known by their index: 0 to connections - 1.
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void on_open(std::size_t index) = 0;

    /// `message` is gone when this returns.
    virtual void on_message(std::size_t index, std::string_view message) = 0;

    /// Also of a connection that never opened. `cause` is a literal.
    virtual void on_closed(std::size_t index, std::string_view cause) = 0;
  };

  struct Options {
    Url url;
    std::size_t connections = 1;
    std::size_t max_connecting = 256;  ///< At once, so that no listener's backlog overflows.
    std::uint64_t max_payload = std::uint64_t{64} << 20;
  };

  /// Throws std::system_error when the host is unknown or epoll is not to be had. Connects in
  /// turn(), to the host's first address.
  Swarm(Options options, Handler& handler, Random& random = system_random());
  ~Swarm();

  Swarm(const Swarm&) = delete;
  Swarm& operator=(const Swarm&) = delete;

  /// Sent when the handler returns, or at the end of this iteration or the next.
  void send_text(std::size_t index, std::string_view payload);

  /// Ends the TCP connection; on_closed follows in turn().
  void close(std::size_t index);

  /// Waits up to `timeout` for something to happen, and lets it happen.
  void turn(std::chrono::milliseconds timeout);

  std::size_t open_count() const { return open_count_; }

 private:
  struct Slot;
  class Relay;

  void connect_more();
  void start(std::size_t index);
  void serve(std::size_t index, std::uint32_t events);
  void touch(std::size_t index);
  void settle(std::size_t index);
  void settle_touched();

  Options options_;
  Handler& handler_;
  Random& random_;
  FrameMasker masker_;
  Address address_;
  Socket epoll_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<std::size_t> touched_;  ///< Told something outside serve().
  std::vector<std::uint8_t> buffer_;
  std::size_t started_ = 0;
  std::size_t connecting_ = 0;
  std::size_t open_count_ = 0;
};

}  // namespace wscast::client
