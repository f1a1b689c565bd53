#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "auth/jwks_schedule.h"
#include "http_client/http_client.h"

namespace wscast::program {

/// Fetches a set of keys (JWKS) from a URL, from a thread of its own: at the start, regularly, and
/// on demand (see JwksSchedule). A set has at most 256 KiB. When it cannot be fetched or used, the
/// former set stays in use; the first failure is logged, and when it works again.
class JwksRefresh {
 public:
  /// Uses the text of a set. Returns what is wrong with it, one sentence each; then the former set
  /// must stay in use. Called on the client's thread, one call at a time.
  using Accept = std::function<std::vector<std::string>(const std::string& text)>;

  /// `client` must outlive this. Throws std::invalid_argument that names everything wrong with the
  /// options.
  JwksRefresh(HttpClient& client, const JwksRefreshOptions& options, Accept accept);

  /// Ends the thread. A fetch under way may still call `accept`, until `client` ends.
  ~JwksRefresh();

  JwksRefresh(const JwksRefresh&) = delete;
  JwksRefresh& operator=(const JwksRefresh&) = delete;

  /// Blocks until the first fetch has ended, `timeout` at most. Returns whether a set was accepted.
  bool wait_for_first(std::chrono::milliseconds timeout);

  /// Why the last fetch brought no set that was accepted, one sentence; empty if it did. Any
  /// thread.
  std::string fault() const;

  /// A key is missing: fetches, at most once in `min_interval`, and then calls `then` on the
  /// client's thread; during this call when there is nothing to wait for, or when 1,024 wait
  /// already. Any thread.
  void demand(std::function<void()> then);

 private:
  class Fetcher;
  std::shared_ptr<Fetcher> fetcher_;  ///< Shared with a request that may end later.
  std::thread thread_;
};

}  // namespace wscast::program
