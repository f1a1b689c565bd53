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
/// their results are known. Loop thread only.
class RoomOrder {
 public:
  struct Call {
    std::vector<std::string> rooms;    ///< Each once.
    std::size_t behind = 0;            ///< In so many rooms an earlier call is not over.
    std::function<void()> callback{};  ///< Empty: its result is not known yet.
  };
  using Ticket = std::shared_ptr<Call>;

  Ticket enter(std::vector<std::string> rooms);

  /// Runs `callback` now, or once those before it have run. It may call this.
  void finish(const Ticket& ticket, std::function<void()> callback);

 private:
  void leave(const Call& call, std::deque<Ticket>& ready);

  std::map<std::string, std::deque<Ticket>, std::less<>> calls_;
};

}  // namespace wscast::redis
