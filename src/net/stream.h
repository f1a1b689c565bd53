#pragma once

#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/ip_address.h"

namespace wscast::net {

class ProxiedClient;
class SendBatch;

enum class IoStatus : std::uint8_t {
  ok,           ///< `bytes` were moved; a write may move fewer than given.
  would_block,  ///< Nothing can be moved now.
  end,          ///< Only from read(): the peer has sent all it will.
  error,        ///< The connection is broken.
};

struct IoResult {
  IoStatus status = IoStatus::ok;
  std::size_t bytes = 0;
  bool more = false;  ///< Only from read(): read again, nothing may report what comes next.
};

/// What goes over the wire for the first bytes of a connection's output.
struct EncodedBytes {
  std::span<const std::uint8_t> wire{};
  std::size_t bytes = 0;  ///< How many of the connection's; 0: they go over the wire as they are.
};

/// The bytes of one connection, in and out, without blocking. The interface between a
/// connection and its transport: a socket, a StreamLayer over one, or a script in tests.
/// Shard thread only.
class Stream {
 public:
  virtual ~Stream() = default;

  /// False while what comes before the connection's own bytes is incomplete, such as a TLS
  /// handshake: read() works on that, and returns `would_block` until bytes of the connection come.
  virtual bool established() const { return true; }

  /// Whether the peer's bytes are encrypted on their way (TLS).
  virtual bool encrypted() const { return false; }

  /// Whether, before established(), read() goes on only when the transport takes bytes.
  virtual bool wants_write() const { return false; }

  /// How long until established() may take; 0: no limit. `std::nullopt`: as long as a request head.
  virtual std::optional<std::chrono::milliseconds> establish_timeout() const {
    return std::nullopt;
  }

  /// It took longer: counts and logs that. The connection is reset next, without a response.
  virtual void on_establish_timeout() {}

  /// An `error` while not established() was counted by the stream.
  virtual IoResult read(std::span<std::uint8_t> into) = 0;

  /// Writes the pieces in order, as one system call.
  virtual IoResult write(std::span<const iovec> pieces) = 0;

  /// The socket that write() sends to, if all that it sends can be had by encode(); else -1.
  virtual int send_descriptor() const { return -1; }

  /// Returns what write() would send for `bytes`: these, or other bytes in memory of `batch`; then
  /// note_sent() follows before any other call. Nothing: write() must be called instead.
  virtual EncodedBytes encode(std::span<const std::uint8_t> bytes, SendBatch& /*batch*/) {
    return {.wire = bytes};
  }

  /// `sent` came of sending what encode() returned. Returns what write() would have returned.
  virtual IoResult note_sent(const EncodedBytes& /*encoded*/, const IoResult& sent) noexcept {
    return sent;
  }

  /// Ends the write direction (FIN); reading goes on.
  virtual void shutdown_write() = 0;

  /// Bytes that were written and that the peer's side has not acknowledged yet.
  virtual std::size_t unacknowledged() const = 0;

  /// Makes the end of this stream a reset: what is unsent is discarded.
  virtual void abort() = 0;

  /// While the connection is not on its shard (ReleasedConnection) nothing is counted.
  virtual void set_counting(bool /*counting*/) {}

  /// The client that a proxy made the connection for; null for any other connection.
  virtual ProxiedClient* proxied() { return nullptr; }

  /// The client's address, as limits count it: not that of a trusted proxy, and none of a Unix
  /// socket. Once the request was read.
  virtual std::optional<IpAddress> client_address() const { return std::nullopt; }

  /// The client's address in text: the peer's, or what a trusted proxy says. Empty when it has
  /// none. Any thread while the connection is a WebSocket.
  virtual std::string remote_address() const = 0;
};

}  // namespace wscast::net
