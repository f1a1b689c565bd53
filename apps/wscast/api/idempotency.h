#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "wscast/store.h"

#include "api/http_exchange.h"

namespace wscast::program {

/// Remembers the responses to requests that named a key, so that a repeat gets the first response
/// and changes nothing: for five minutes, on this server and, where the broker keeps texts, on all
/// of them. This server remembers 10,000 at most: then the oldest is forgotten. Any thread.
class Idempotency : public std::enable_shared_from_this<Idempotency> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Server::store().
  using StoreCall = std::function<std::error_code(const Store&)>;

  /// Makes the request; `respond` takes its response.
  using Run = std::function<void(const Respond& respond)>;

  explicit Idempotency(StoreCall store) : store_(std::move(store)) {}

  /// Calls `run` for the first request of a key. A repeat gets the response of the first, now or
  /// once that has it; if another server is still making it, 409.
  void begin(const std::string& key, const Respond& respond, Time now, const Run& run);

 private:
  struct Entry {
    std::string key;
    Time until;
    std::optional<ApiResponse> response{};  ///< Not yet: it is under way.
    std::vector<Respond> waiting{};
  };
  using Entries = std::list<Entry>;  ///< The oldest first.

  /// Whether it is the first here. If not, it has been, or will be, responded to.
  bool begin_here(const std::string& key, const Respond& respond, Time now);
  void begin_everywhere(const std::string& key, const Respond& respond, const Run& run);
  void run_first(const std::string& key, const Respond& respond, const Run& run);
  void forget(Time now);

  /// `keep`: repeats get it, too.
  void finish(const std::string& key, const ApiResponse& response, bool keep);

  const StoreCall store_;
  std::mutex mutex_;
  Entries entries_;
  std::unordered_map<std::string, Entries::iterator> by_key_;
};

}  // namespace wscast::program
