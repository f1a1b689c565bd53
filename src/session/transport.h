#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wscast/ready_state.h"

#include "base/clock.h"
#include "base/ip_address.h"
#include "ws/frame.h"

namespace wscast::session {

/// A client's connection, as its session needs it. No call calls the session back before it
/// returns. Shard thread only.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Returns > 0 if accepted, 0 if dropped, -1 if accepted behind bytes that wait (protocol.md
  /// T12). Several messages in one frame are accepted or dropped together; only where
  /// takes_joined().
  virtual int send(const ws::FrameRef& frame) = 0;

  /// Whether send() takes several messages in one frame.
  virtual bool takes_joined() const { return false; }

  /// Whether so much waits that the next message would be dropped.
  virtual bool full() = 0;

  /// Closes the connection; nothing can be sent after it.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;

  /// The client is authenticated: it may send as long messages compressed as plain. `compress`:
  /// what it is sent may be compressed from now on (protocol.md T7).
  virtual void trust(bool compress) = 0;

  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;

  /// Sets when to call Session::on_deadline, instead of the time set before.
  virtual void set_deadline(SteadyTime when) = 0;

  /// Ends the connection without a close frame, counted, but not inside this call: the client
  /// cannot be served any more.
  virtual void give_up() noexcept = 0;

  virtual std::string remote_address() const = 0;

  /// The client's address, as limits count it; none of a client that is not to be counted.
  virtual std::optional<IpAddress> client_address() const { return std::nullopt; }

  /// The same for any thread, while the session is in the directory and its locks are held.
  virtual std::string public_address() const { return remote_address(); }
  virtual ReadyState ready_state() const = 0;
};

}  // namespace wscast::session
