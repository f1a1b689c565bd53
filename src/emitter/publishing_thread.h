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
#include <vector>

#include "wscast/emitter.h"
#include "wscast/log.h"

#include "base/clock.h"
#include "broker/redis/pubsub/publisher.h"

namespace wscast::emitter {

/// The emitter's thread, with the one connection that it publishes on (protocol.md R8). Any thread,
/// unless a call says otherwise.
class PublishingThread {
 public:
  struct Message {
    std::string channel;
    std::string envelope;
    OnEmitted on_result;
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
  void on_ready();
  void on_lost(bool was_ready, const std::string& why);
  void on_ready_timeout();
  bool is_starting();
  void give_up(std::string why);
  void publish_waiting();
  void publish_now(Message message);
  void on_published(const OnEmitted& on_result, std::size_t bytes,
                    const redis::Published& published);
  void end_when_settled();
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
  std::string loss_;          // Why there is no connection; empty when there is one.
  std::string refusal_;       // Why Redis last refused a message.
  SteadyTime waits_until_{};  // Until then a start waits for a Redis that is not there yet.
  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

}  // namespace wscast::emitter
