#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "client/connection.h"
#include "client/deflate_codec.h"
#include "client/frame_masker.h"
#include "client/socket.h"
#include "client/tls_session.h"
#include "client/url.h"

namespace wscast::client {

/// One connection to a server, and the loop that drives it: tries each address of the host in turn,
/// and may connect again later. One thread.
class SingleClient {
 public:
  struct Options {
    Url url;
    std::uint64_t max_payload = std::uint64_t{64} << 20;  ///< A longer message ends the connection.
    TlsSettings tls{};                                    ///< For a `wss` URL.
  };

  /// Calls of `handler` come in run_once(). It and `random` must outlive this. Throws
  /// std::runtime_error without the CA file.
  SingleClient(Options options, Connection::Handler& handler, Random& random = system_random());

  /// Ends the connection, if there is one, and begins another. Waits while it resolves the host's
  /// name.
  void connect();

  /// Queues a message, sent in run_once(). No-op unless open.
  void send_text(std::string_view payload);
  void send_ping();

  /// Sends a close frame, what is queued before it as far as the kernel takes it, and ends the
  /// connection. No-op when closed.
  void close(std::uint16_t code);

  /// Ends the connection at once.
  void abort(std::string_view cause);

  /// Waits up to `timeout` for the connection, and handles what came. Also returns when `wake`, a
  /// descriptor (-1: none), can be read.
  void run_once(std::chrono::milliseconds timeout, int wake = -1);

  bool open() const;
  bool closed() const;

  /// Of messages that are queued.
  std::size_t unsent_bytes() const;

  /// Whether the last run_once() received anything.
  bool received() const { return received_; }

  /// For people: why it is closed, with what the server said. Empty unless closed().
  std::string end_text() const;

  /// See Connection. 0 without a connection.
  std::uint16_t close_code() const;
  std::string_view close_reason() const;
  int response_status() const;

 private:
  void try_next();
  bool try_next_after_failure(int events);

  Options options_;
  Connection::Handler& handler_;
  Random& random_;
  FrameMasker masker_;
  DeflateCodec codec_;
  std::unique_ptr<TlsClient> tls_;  ///< Null without TLS.
  std::vector<Address> addresses_;
  std::size_t next_address_ = 0;
  std::unique_ptr<Connection> connection_;
  std::vector<std::uint8_t> buffer_;
  bool received_ = false;
  std::string connect_failure_;  ///< Of the last address.
};

}  // namespace wscast::client
