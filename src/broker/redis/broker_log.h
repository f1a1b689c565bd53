#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

namespace wscast::redis {

enum class ConnectionRole : std::uint8_t { publish, subscribe };

/// The log lines of a broker: one per cause, also when both connections have it. Loop thread only.
class BrokerLog {
 public:
  /// The start waits for Redis.
  void waiting(ConnectionRole role, const std::string& why);
  void lost(ConnectionRole role, const std::string& why);
  void connected(ConnectionRole role, const std::string& peer, bool starting);

  void oversize(std::int64_t bytes);
  void subscription_refused(const std::string& channel, const std::string& why);
  void publish_refused(const std::string& why);
  void store_refused(const std::string& why);
  void history_refused(const std::string& why);

 private:
  std::string& logged(ConnectionRole role) { return logged_[static_cast<std::size_t>(role)]; }
  std::string& logged_of_other(ConnectionRole role);

  std::array<std::string, 2> logged_;  // Why each connection is lost; empty: not logged.
  bool waiting_logged_ = false;
  bool oversize_logged_ = false;
  std::set<std::string> channels_logged_;  // Refused ones.
  std::string publish_refusal_logged_;
  std::string store_refusal_logged_;
  std::string history_refusal_logged_;
};

}  // namespace wscast::redis
