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
#include "base/named_log.h"
#include "broker/redis/history/broker_history.h"

namespace wscast::emitter {

/// A message that is only delivered.
struct Publication {
  std::string channel;  ///< With its prefix.
  std::string envelope;
};

/// The emitter's thread, with the one connection that it publishes on, and in a Cluster those for
/// the history of rooms (protocol.md R8). A call that throws std::bad_alloc has done nothing; on
/// the thread each message has its result all the same. Any thread, unless a call says otherwise.
class PublishingThread {
 public:
  struct Message {
    std::variant<Publication, HistoryAppend> what;
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

  /// Until its result is reported.
  struct Accepted {
    Message message;
    std::size_t bytes;  ///< Count as in flight.
  };

  // On the thread.
  void run();
  void open();
  void catch_up();
  redis::BrokerHistory::Host history_host();
  void on_ready();
  void on_lost(bool was_ready, const std::string& why);
  void on_ready_timeout();
  bool is(State state);
  void give_up(std::string why);
  void publish_waiting();
  void publish_now(const std::shared_ptr<Accepted>& accepted);
  void report(const Accepted& accepted, EmitResult emitted) noexcept;
  void call_back(const OnEmitted& on_result, const EmitResult& emitted) noexcept;
  bool settled() const;
  void begin_end();
  void end_if_settled();
  void end();
  void release_loop();

  void post(void (PublishingThread::*step)()) noexcept;

  const EmitterOptions options_;
  const NamedLog log_;

  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::fresh;
  std::optional<std::string> failure_;              // Why starting failed.
  std::vector<std::shared_ptr<Accepted>> waiting_;  // Not yet taken over by the thread.
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
