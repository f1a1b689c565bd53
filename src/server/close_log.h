#pragma once

#include <string>

#include "session/close_cause.h"
#include "session/session.h"

namespace wscast::server {

/// The log line of a client that has gone: which one, and why.
std::string closed_line(const session::Session& session, const session::CloseCause& cause);

}  // namespace wscast::server
