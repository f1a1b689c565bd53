#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "client/connection.h"
#include "client/frame_masker.h"
#include "client/socket.h"
#include "client/url.h"

namespace wscast::client {

/// Many connections to one server on one epoll set, with little overhead: one recv per readable
/// connection, one send for all that its messages caused. One thread; the handler may call it.
class Swarm {
 public:
  /// Handles events of connections, identified by their index: 0 to connections - 1.
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void on_open(std::size_t index) = 0;

    /// `message` is valid during the call.
    virtual void on_message(std::size_t index, std::string_view message) = 0;

    /// Also called for a connection that never opened. `cause` is a literal.
    virtual void on_closed(std::size_t index, std::string_view cause) = 0;
  };

  struct Options {
    Url url;
    std::size_t connections = 1;
    std::size_t max_connecting = 256;  ///< At once, so that no listener's backlog overflows.
    std::uint64_t max_payload = std::uint64_t{64} << 20;
    TlsSettings tls{};                          ///< For a `wss` URL.
    std::optional<ws::DeflateOffer> deflate{};  ///< Empty: no compression is offered.
  };

  /// Throws std::system_error when the host is unknown or epoll is unavailable, and
  /// std::runtime_error without the CA file. Connects in run_once(), to the host's first address.
  Swarm(Options options, Handler& handler, Random& random = system_random());
  ~Swarm();

  Swarm(const Swarm&) = delete;
  Swarm& operator=(const Swarm&) = delete;

  /// Queues a message, sent when the handler returns or in this or the next run_once().
  void send_text(std::size_t index, std::string_view payload);

  /// Whether the server has agreed on permessage-deflate with that connection.
  bool deflates(std::size_t index) const;

  /// Ends the TCP connection; on_closed follows in run_once().
  void close(std::size_t index);

  /// Connects anew. Only after on_closed, not inside it.
  void reconnect(std::size_t index);

  /// The same, to another server, by TLS if that is `wss` as the first was. Throws as the
  /// constructor does.
  void reconnect(std::size_t index, const Url& url);

  /// Whether to read what comes; what is not read waits in the kernel, then at the server.
  void set_reading(std::size_t index, bool reads);

  /// Waits up to `timeout` for events and handles them.
  void run_once(std::chrono::nanoseconds timeout);

  /// What is known of a connection, also inside on_closed.
  const Connection& connection(std::size_t index) const;

  std::size_t open_count() const { return open_count_; }

 private:
  struct Slot;
  class IndexedHandler;

  static Address first_address(const Endpoint& endpoint);
  void connect_more();
  std::unique_ptr<Slot> start(const Url& url, const Address& address);
  void watch(std::size_t index);
  void handle_events(std::size_t index, std::uint32_t events);
  void schedule_update(std::size_t index);
  void update(std::size_t index);
  void update_scheduled();

  Options options_;
  Handler& handler_;
  Random& random_;
  FrameMasker masker_;
  std::unique_ptr<TlsClient> tls_;  ///< Null without TLS.
  DeflateCodec codec_;
  Address address_;
  Socket epoll_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<std::size_t> scheduled_;  ///< Called outside handle_events(), not updated yet.
  std::vector<std::uint8_t> buffer_;
  std::size_t started_ = 0;
  std::size_t connecting_ = 0;
  std::size_t open_count_ = 0;
};

}  // namespace wscast::client
