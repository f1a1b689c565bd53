#include "broker/redis/history/room_order.h"

#include <algorithm>
#include <utility>

namespace wscast::redis {

RoomOrder::Ticket RoomOrder::enter(std::vector<std::string> rooms) {
  std::ranges::sort(rooms);
  rooms.erase(std::ranges::unique(rooms).begin(), rooms.end());
  auto ticket = std::make_shared<Call>(Call{std::move(rooms)});
  for (const auto& room : ticket->rooms) {
    auto& calls = calls_[room];
    if (!calls.empty()) ++ticket->behind;
    calls.push_back(ticket);
  }
  return ticket;
}

void RoomOrder::finish(const Ticket& ticket, std::function<void()> callback) {
  ticket->callback = std::move(callback);
  if (ticket->behind > 0) return;
  std::deque<Ticket> ready{ticket};
  while (!ready.empty()) {
    const auto next = std::move(ready.front());
    ready.pop_front();
    leave(*next, ready);
    next->callback();
  }
}

/// Adds to `ready` the calls that waited for this one alone.
void RoomOrder::leave(const Call& call, std::deque<Ticket>& ready) {
  for (const auto& room : call.rooms) {
    const auto at = calls_.find(room);
    auto& calls = at->second;
    calls.pop_front();
    if (calls.empty()) {
      calls_.erase(at);
    } else if (--calls.front()->behind == 0 && calls.front()->callback) {
      ready.push_back(calls.front());
    }
  }
}

}  // namespace wscast::redis
