#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/http_exchange.h"

namespace wscast::program {

/// Remembers the responses to requests that named a key, so that a repeat gets the first response
/// and changes nothing. Kept for five minutes, 10,000 at most: then the oldest is forgotten. Any
/// thread.
class Idempotency : public std::enable_shared_from_this<Idempotency> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// The first request of a key returns how to respond to it, which also answers those that repeat
  /// it meanwhile. A repeat returns an empty function: it has been, or will be, responded to.
  Respond begin(const std::string& key, const Respond& respond, Time now);

 private:
  struct Entry {
    std::string key;
    Time until;
    std::optional<ApiResponse> response{};  ///< Not yet: it is under way.
    std::vector<Respond> waiting{};
  };
  using Entries = std::list<Entry>;  ///< The oldest first.

  void forget(Time now);
  void finish(const std::string& key, const ApiResponse& response);

  std::mutex mutex_;
  Entries entries_;
  std::unordered_map<std::string, Entries::iterator> by_key_;
};

}  // namespace wscast::program
