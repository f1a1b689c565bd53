#pragma once

#include <exception>

#include "base/given_up.h"
#include "session/session.h"

namespace wscast::server {

/// The door of all that is done to a session from outside of its own connection's events: results
/// of hooks, commands, timers. What `step` throws, above all std::bad_alloc, ends that client
/// alone.
template <class Step>
void guarded(session::Session& session, Step step) noexcept {
  try {
    step();
  } catch (const std::exception& error) {
    log_given_up("a client", error);
    session.give_up();
  }
}

}  // namespace wscast::server
