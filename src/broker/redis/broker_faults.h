#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

namespace wscast::redis {

/// Why messages of others do not reach this server, or its messages do not reach them: one sentence
/// per cause. Loop thread only, but for text().
class BrokerFaults {
 public:
  /// In the order of text().
  enum class Cause : std::uint8_t {
    no_deliveries,
    publish_connection,
    subscribe_connection,
    channel_refused,
    probe_refused,
  };

  /// Sets the sentence of a cause; an empty one ends it.
  void set(Cause cause, std::string sentence);

  const std::string& of(Cause cause) const { return sentences_[static_cast<std::size_t>(cause)]; }

  /// All sentences, each once; empty when there is no fault. Any thread.
  std::string text() const;

 private:
  std::array<std::string, 5> sentences_;
  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace wscast::redis
