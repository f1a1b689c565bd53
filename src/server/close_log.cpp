#include "server/close_log.h"

#include "base/log.h"

namespace wscast::server {
namespace {

/// `4002 "Heartbeat timeout"`; what a client says is escaped.
std::string described(const session::CloseCause& cause) {
  std::string text = std::to_string(cause.code);
  if (!cause.words.empty()) text += " \"" + printable(cause.words) + "\"";
  return text;
}

}  // namespace

std::string closed_line(const session::Session& session, const session::CloseCause& cause) {
  std::string line = "client " + session.id.text();
  if (!session.user_id().empty()) line += " of user \"" + printable(session.user_id()) + "\"";
  line += " at " + session.transport().remote_address() + " closed";
  if (cause.by_server) line += " by the server";
  return line + " with " + described(cause);
}

}  // namespace wscast::server
