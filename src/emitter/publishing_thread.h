#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <variant>
#include <vector>

#include "wscast/emitter.h"
#include "wscast/log.h"

#include "base/clock.h"
#include "broker/redis/history/broker_history.h"

namespace wscast::emitter {

/// A message that is only delivered.
struct Publication {
  std::string channel;  ///< With its prefix.
  std::string envelope;
};

/// The emitter's thread, with the one connection that it publishes on, and in a Cluster those for
/// the history of rooms (protocol.md R8). Any thread, unless a call says otherwise.
class PublishingThread {
 public:
  struct Message {
    std::variant<Publication, HistoryAppend> what;
    OnEmitted on_result;

    /// So many count as in flight.
    std::size_t bytes() const;
  };

  /// `options` must be valid.
  explicit PublishingThread(EmitterOptions options);

  /// Stops and waits. Must not run on the thread itself.
  ~PublishingThread();

  PublishingThread(const PublishingThread&) = delete;
  PublishingThread& operator=(const PublishingThread&) = delete;

  const EmitterOptions& options() const { return options_; }

  /// Emitter::configure().
  void start();

  /// Errors: Errc::queue_full, Errc::stopped.
  std::error_code publish(Message message);

  /// Emitter::flush().
  bool flush(std::chrono::milliseconds longest);

  /// Emitter::shutdown().
  void stop();

 private:
  enum class State : std::uint8_t { fresh, starting, running, stopped };
  class Loop;

  // On the thread.
  void run();
  redis::BrokerHistory::Host history_host();
  void on_ready();
  void on_lost(bool was_ready, const std::string& why);
  void on_ready_timeout();
  bool is_starting();
  void give_up(std::string why);
  void publish_waiting();
  void publish_now(Message message);
  void report(const OnEmitted& on_result, std::size_t bytes, EmitResult emitted);
  bool settled() const;
  void begin_end();
  void end_if_settled();
  void end();

  void post(void (PublishingThread::*step)());
  void log_line(LogLevel level, std::string_view event, std::string_view message) const;

  const EmitterOptions options_;

  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::fresh;
  std::optional<std::string> failure_;  // Why starting failed.
  std::vector<Message> waiting_;        // Not yet taken over by the thread.
  std::size_t messages_in_flight_ = 0;
  std::size_t bytes_in_flight_ = 0;
  std::uint64_t accepted_ = 0;  // Messages, since the start.
  std::uint64_t reported_ = 0;  // How many of these have had their result.

  // On the thread: each cause is logged once.
  std::string loss_;             // Why there is no connection; empty when there is one.
  std::string refusal_;          // Why Redis last refused a message.
  std::string history_refusal_;  // Why it last refused one with history.
  SteadyTime waits_until_{};     // Until then a start waits for a Redis that is not there yet.
  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

}  // namespace wscast::emitter
