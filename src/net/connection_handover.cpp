#include "net/connection.h"

// How a connection goes to the application with a request, and comes back for the next one.
namespace wscast::net {

/// The stream leaves when nothing refers to this any more: its reader may be on the stack.
void Connection::hand_over(std::span<const std::uint8_t> rest) {
  const std::string_view head = parser().text();
  auto& received = backlog().input;
  received.reserve(head.size() + rest.size());
  received.assign(head.begin(), head.end());
  received.insert(received.end(), rest.begin(), rest.end());
  context_.counters.add(Counter::http_handed_over);
  phase_ = Phase::closed;
  note_state();
  context_.host.schedule_handover(*this);
}

std::string Connection::take_received() {
  const auto received = std::exchange(backlog().input, {});
  return {received.begin(), received.end()};
}

/// The poller may report nothing for what the stream has read already: it is read once more.
void Connection::go_on(std::string_view received) {
  kept_alive_ = true;
  backlog().input.assign(received.begin(), received.end());
  backlog().read_again = true;
  schedule_flush();
}

}  // namespace wscast::net
