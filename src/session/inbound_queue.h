#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace wscast::session {

/// A message as it came, to be handled later.
struct QueuedMessage {
  bool binary;
  std::string text;

  /// Upper bound of the memory that it takes in a queue, in bytes.
  std::size_t cost() const { return 2 * sizeof(QueuedMessage) + text.size(); }
};

/// Keeps the messages of one client in order while a hook of it runs (protocol.md M14), and decides
/// when reading pauses. State in, action out, no I/O. Shard thread only.
class InboundQueue {
 public:
  struct Limits {
    std::size_t max_messages;
    std::size_t max_bytes;
  };

  enum class Reading : std::uint8_t { unchanged, pause, resume };

  /// Whether a message that comes now is to be queued.
  bool must_wait() const { return hook_runs_ || waiting_; }

  /// Appends a message. Returns false, and drops it, when more than `limits.max_bytes` wait.
  bool push(bool binary, std::string_view text, const Limits& limits);

  /// Takes out the next message; `std::nullopt` if none waits, or a hook runs.
  std::optional<QueuedMessage> pop();

  /// The connected, rooms or message hook has been requested; has started; is done.
  void on_hook_requested() { hook_runs_ = true; }
  void on_hook_started() { hook_started_ = true; }
  void on_hook_done() { hook_runs_ = hook_started_ = false; }

  /// Pauses reading until release(), whatever waits.
  void hold() { held_ = true; }
  void release() { held_ = false; }

  /// Returns how reading has to change; `unchanged` if it is as the last call left it.
  Reading update_reading();
  bool reading_paused() const { return reading_paused_; }

  /// Whether a message that came is still to be given to its hook. The result of a hook that runs
  /// already is not waited for (protocol.md O15).
  bool busy() const { return waiting_ || (hook_runs_ && !hook_started_); }

  /// The connection is over: the session leaves when it is no longer busy.
  void leave_when_idle() { leaving_ = true; }
  void cancel_leaving() { leaving_ = false; }
  bool leaving() const { return leaving_; }
  bool should_leave() const { return leaving_ && !busy(); }

  /// Drops what waits. Returns the number of messages.
  std::size_t clear() noexcept;

 private:
  struct Waiting {
    std::deque<QueuedMessage> messages;
    std::size_t bytes = 0;  ///< Cost of the messages.
    bool full = false;      ///< Until it is empty again.
  };

  std::unique_ptr<Waiting> waiting_;  ///< From the first message that waits until none does.
  bool hook_runs_ = false;
  bool hook_started_ = false;
  bool held_ = false;
  bool reading_paused_ = false;
  bool leaving_ = false;
};

}  // namespace wscast::session
