#include "server/traced_message.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace wscast::server {
namespace {

std::string_view name_of(Backplane backplane) {
  switch (backplane) {
    case Backplane::none:
      return "none";
    case Backplane::ok:
      return "ok";
    case Backplane::down:
      return "down";
    case Backplane::unknown:
      return "unknown";
  }
  return {};
}

}  // namespace

TracedMessage::TracedMessage(std::string id, std::vector<Follower> followers, const Clock& clock,
                             SteadyTime taken)
    : id_(std::move(id)),
      followers_(std::move(followers)),
      clock_(clock),
      taken_(taken),
      steady_now_(clock.now()),
      wall_now_(clock.wall()) {}

void TracedMessage::on_taken(TraceStep step, std::string_view event, std::size_t bytes) noexcept
    try {
  note({.step = step, .event = std::string(event), .bytes = bytes}, taken_);
} catch (const std::exception&) {  // No memory: the step is not noted. Below, too.
}

void TracedMessage::on_broker(Backplane backplane) noexcept try {
  note({.step = TraceStep::broker, .detail = std::string(name_of(backplane))}, clock_.now());
} catch (const std::exception&) {
}

void TracedMessage::on_delivered(std::size_t accepted, std::size_t dropped) noexcept try {
  note({.step = TraceStep::delivered, .accepted = accepted, .dropped = dropped}, clock_.now());
} catch (const std::exception&) {
}

void TracedMessage::on_written(const std::optional<ClientId>& client, SteadyTime when) noexcept
    try {
  note({.step = TraceStep::written}, when, client);
} catch (const std::exception&) {
}

void TracedMessage::on_dropped(const std::optional<ClientId>& client, std::string_view why) noexcept
    try {
  note({.step = TraceStep::dropped, .detail = std::string(why)}, clock_.now(), client);
} catch (const std::exception&) {
}

/// One reading of the wall's clock for a message: its steps stand in their order.
WallTime TracedMessage::wall_of(SteadyTime when) const {
  return wall_now_ + std::chrono::duration_cast<WallTime::duration>(when - steady_now_);
}

void TracedMessage::note(TraceEvent event, SteadyTime when, const std::optional<ClientId>& client) {
  event.message = id_;
  event.at = wall_of(when);
  if (client) event.client = client->text();
  for (const Follower& follower : followers_) {
    if (client && follower.only && !std::ranges::binary_search(*follower.only, *client)) continue;
    follower.log->add(event);
  }
}

}  // namespace wscast::server
