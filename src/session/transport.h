#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wscast/ready_state.h"

#include "base/clock.h"
#include "ws/frame.h"

namespace wscast::session {

/// What a session needs of its client's connection. None of these calls the session back before it
/// returns. Shard thread only.
class Transport {
 public:
  virtual ~Transport() = default;

  /// protocol.md T12: > 0 accepted, 0 dropped, -1 accepted behind bytes that wait.
  virtual int send(const ws::FrameRef& frame) = 0;

  /// So much waits that the next message would be dropped.
  virtual bool full() = 0;

  /// Nothing can be sent after it.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;

  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;

  /// When to call Session::on_deadline; replaces the time set before.
  virtual void set_deadline(SteadyTime when) = 0;

  virtual std::string remote_address() const = 0;
  virtual ReadyState ready_state() const = 0;
};

}  // namespace wscast::session
