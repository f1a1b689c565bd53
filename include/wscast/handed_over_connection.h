#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "wscast/export.h"

namespace wscast {

namespace net {
class ReleasedConnection;
}

/// What a read or a write of a HandedOverConnection did.
struct Transfer {
  enum class Status : std::uint8_t {
    ok,           ///< `bytes` were moved.
    would_block,  ///< Nothing can be moved now: wait until the descriptor is ready.
    end,          ///< Only of read(): the client has sent all it will.
    error,        ///< The connection is broken.
  };

  Status status = Status::ok;
  std::size_t bytes = 0;
};

/// A connection that the server has handed over with an HTTP request (HttpHandover): its bytes
/// without TLS, in and out. No call waits. The server does not use it until it is given back;
/// meanwhile the application sets the deadlines, and the connection counts against
/// `TransportOptions::max_connections` and `max_connections_per_address`.
///
/// Any thread, one at a time. Must be given back or destroyed before the server is destroyed.
class WSCAST_EXPORT HandedOverConnection {
 public:
  explicit HandedOverConnection(std::unique_ptr<net::ReleasedConnection> connection);

  /// Closes the connection, unless it was given back. A client may then not see all that was
  /// written if it has sent more than was read.
  ~HandedOverConnection();

  HandedOverConnection(HandedOverConnection&& other) noexcept;
  HandedOverConnection& operator=(HandedOverConnection&& other) noexcept;

  /// Reads into the front of `into`, which must not be empty. What comes first is the request, from
  /// its first byte. Bytes may be held that no event of the descriptor reports: call it until it
  /// returns `would_block`, then wait.
  Transfer read(std::span<char> into);

  /// Writes from the front of `bytes`. After `would_block` the next call must have the same bytes.
  Transfer write(std::string_view bytes);

  /// Says that nothing more will be written; reading goes on.
  void shutdown_write();

  /// Gives the connection back after the response: the server reads the next request from it, and
  /// responds to it or hands it over again. `read_ahead`: what was read behind the request. Nothing
  /// else may be called afterwards. Throws std::bad_alloc: the connection is closed.
  void give_back(std::string_view read_ahead);

  /// Closes the connection without a response, since the application takes no more, and counts that
  /// (Counter::http_handovers_refused). Only in HttpHandover::take; nothing else may be called
  /// afterwards.
  void refuse() noexcept;

  /// To wait until it can be read or written; never to be read, written or closed.
  int descriptor() const { return descriptor_; }

  /// Whether the client uses TLS.
  bool encrypted() const { return encrypted_; }

  /// The client's address in text, as ClientSocket::remote_address() of this request's client.
  const std::string& remote_address() const { return remote_address_; }

 private:
  std::unique_ptr<net::ReleasedConnection> connection_;  ///< Null: moved from, or gone.
  std::string held_;                                     ///< Read, but not by the application.
  std::string remote_address_;
  int descriptor_ = -1;
  bool encrypted_ = false;
};

}  // namespace wscast
