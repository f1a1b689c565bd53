#include "broker/redis/history/room_order.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace wscast::redis {

struct RoomOrder::Place {
  std::vector<std::string> rooms;  ///< Each once.
  std::function<void()> callback;  ///< Empty: given up.
  std::size_t entered = 0;         ///< In so many of them.
  std::size_t behind = 0;          ///< In so many of them an earlier call is not over.
  bool finished = false;           ///< Its result is known.
  std::shared_ptr<Place> next{};   ///< In a list of those that can run.
};

/// Outlives the order if need be.
class RoomOrder::Call {
 public:
  Call(std::shared_ptr<Places> places, std::shared_ptr<Place> place)
      : places_(std::move(places)), place_(std::move(place)) {}
  ~Call() {
    if (place_->finished) return;
    place_->callback = nullptr;
    try {
      RoomOrder::finish(places_, place_);
    } catch (...) {  // Of a callback that waited for this call. It ran.
    }
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

 private:
  friend class RoomOrder;

  const std::shared_ptr<Places> places_;
  const std::shared_ptr<Place> place_;
};

RoomOrder::Ticket RoomOrder::enter(std::vector<std::string> rooms, std::function<void()> callback) {
  std::sort(rooms.begin(), rooms.end());
  rooms.erase(std::unique(rooms.begin(), rooms.end()), rooms.end());
  auto place = std::make_shared<Place>(Place{std::move(rooms), std::move(callback)});
  auto ticket = std::make_shared<Call>(places_, place);
  try {
    for (const auto& room : place->rooms) {
      auto& places = (*places_)[room];
      if (!places.empty()) ++place->behind;
      places.push_back(place);
      ++place->entered;
    }
  } catch (...) {
    take_back(*places_, *place);
    place->finished = true;
    throw;
  }
  return ticket;
}

/// It is the last in each room that it has entered.
void RoomOrder::take_back(Places& places, const Place& place) noexcept {
  for (std::size_t i = 0; i < place.rooms.size() && i <= place.entered; ++i) {
    const auto at = places.find(place.rooms[i]);
    if (at == places.end()) continue;
    if (i < place.entered) at->second.pop_back();
    if (at->second.empty()) places.erase(at);
  }
}

void RoomOrder::finish(const Ticket& ticket) {
  if (!finished(ticket)) finish(ticket->places_, ticket->place_);
}

bool RoomOrder::finished(const Ticket& ticket) {
  return ticket->place_->finished;
}

/// What a callback throws does not keep the others from running.
void RoomOrder::finish(const std::shared_ptr<Places>& places, std::shared_ptr<Place> place) {
  const auto alive = places;
  place->finished = true;
  if (place->behind > 0) return;
  auto last = place;
  std::exception_ptr thrown;
  while (place) {
    last->next = leave(*alive, *place);
    while (last->next) last = last->next;
    try {
      if (const auto callback = std::exchange(place->callback, nullptr)) callback();
    } catch (...) {
      thrown = std::current_exception();
    }
    place = std::exchange(place->next, nullptr);
  }
  if (thrown) std::rethrow_exception(thrown);
}

/// Returns a list of the calls that waited for this one alone. No-throw, so that a call can be
/// given up without memory.
std::shared_ptr<RoomOrder::Place> RoomOrder::leave(Places& places, const Place& place) noexcept {
  std::shared_ptr<Place> ready;
  for (const auto& room : place.rooms) {
    const auto at = places.find(room);
    auto& waiting = at->second;
    waiting.pop_front();
    if (waiting.empty()) {
      places.erase(at);
    } else if (--waiting.front()->behind == 0 && waiting.front()->finished) {
      waiting.front()->next = std::move(ready);
      ready = waiting.front();
    }
  }
  return ready;
}

}  // namespace wscast::redis
