#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wscast/handed_over_connection.h"

#include "http/request_head.h"
#include "http/response.h"

namespace wscast::net {

class Connection;

/// Handles the events of a shard's connections: one object per shard, called on its thread. It may
/// call Connection::send, close, pause_reading and resume_reading anywhere on that thread; those
/// call back only on_backpressure before they return. A call that throws ends its connection.
class Application {
 public:
  virtual ~Application() = default;

  /// A request head has come. 101 makes the connection a WebSocket, once its bytes are queued;
  /// http::kHandOver has it handed over; any other response is its last.
  virtual http::WireResponse on_request(const Connection& connection,
                                        const http::RequestHead& head) = 0;

  /// Takes a connection over with its request. Between iterations of the loop.
  virtual void on_handover(HandedOverConnection) {}

  /// The connection is a WebSocket from now on, until on_close; when this throws, it never was one,
  /// and on_close does not come.
  virtual void on_open(Connection& connection) = 0;

  /// A whole message; `payload` is valid during the call. Text is valid UTF-8.
  virtual void on_message(Connection& connection, bool binary, std::string_view payload) = 0;

  /// A ping or a pong has come. Returns whether a ping gets its pong.
  virtual bool on_control(Connection&, std::size_t /*payload_bytes*/) { return true; }

  /// The kernel has refused bytes of this connection. May come while the application sends, so it
  /// may only be recorded.
  virtual void on_backpressure(Connection&) noexcept {}

  /// All that was queued for a backpressured connection has been taken by the kernel.
  virtual void on_drain(Connection&) {}

  /// A deadline set by Connection::set_deadline has passed.
  virtual void on_deadline(Connection&) {}

  /// The WebSocket has ended; called exactly once after each on_open. `code`: the peer's close
  /// code, the one sent if the peer broke the protocol, 1006 when the connection ended without a
  /// close frame. `reason`: that of the frame; with 1006 what happened, in words. It comes also
  /// when memory is short.
  virtual void on_close(Connection& connection, std::uint16_t code,
                        std::string_view reason) noexcept = 0;

  /// All events of one iteration have been read and nothing has been written yet. Returns whether
  /// there is work left for another iteration.
  virtual bool on_iteration_end() { return false; }

  /// The shard's loop has ended and all connections are destroyed; the last call, still on the
  /// shard's thread. Must release whatever uses the loop, which is destroyed next.
  virtual void on_stop() {}
};

}  // namespace wscast::net
