#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace wscast::redis {

/// Runs the callbacks of calls in the order of the calls for each room, whatever the order in which
/// their results are known. That a result is known needs no memory. Loop thread only.
class RoomOrder {
 public:
  class Call;

  /// The place of a call. Released without finish() it is given up, and delays nobody any more.
  using Ticket = std::shared_ptr<Call>;

  /// `callback` is for finish(); it must not hold the ticket. Throws std::bad_alloc: nothing has
  /// changed.
  Ticket enter(std::vector<std::string> rooms, std::function<void()> callback);

  /// Runs the callback now, or once those before it have run. It may call this. No-op the second
  /// time.
  static void finish(const Ticket& ticket);
  static bool finished(const Ticket& ticket);

 private:
  struct Place;
  using Places = std::map<std::string, std::deque<std::shared_ptr<Place>>, std::less<>>;

  static void take_back(Places& places, const Place& place) noexcept;
  static std::shared_ptr<Place> leave(Places& places, const Place& place) noexcept;
  static void finish(const std::shared_ptr<Places>& places, std::shared_ptr<Place> place);

  const std::shared_ptr<Places> places_ = std::make_shared<Places>();
};

}  // namespace wscast::redis
