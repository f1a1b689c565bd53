#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "wscast/error.h"
#include "wscast/export.h"
#include "wscast/json.h"
#include "wscast/redis.h"

namespace wscast {

/// Everything an Emitter is made from (the reference's `IWebSocketEmitterOptions`).
struct EmitterOptions {
  /// Names the emitter in its log lines.
  std::string identifier = "emitter";

  /// Required: the Redis that the servers are on. An emitter subscribes to nothing.
  std::optional<RedisOptions> redis{};

  // What may wait for Redis' answer; beyond it calls answer Errc::queue_full. The bytes are at
  // least `redis->max_publish_bytes`.
  std::size_t max_messages_in_flight = 10'000;
  std::size_t max_bytes_in_flight = 16 * 1024 * 1024;

  /// All that is wrong with these options, one sentence each; empty when they will do.
  WSCAST_EXPORT std::vector<std::string> validate() const;
};

/// What became of a message.
struct EmitResult {
  /// Empty: Redis has it. Errc::broker_down: it did not go out. Errc::broker_refused: Redis did not
  /// take it. Errc::broker_silent: it may have gone out.
  std::error_code error{};

  /// Subscribers that Redis passed it to: servers that have, or may have, somebody to deliver it
  /// to. In a Cluster those of other nodes are not counted.
  std::size_t receivers_at_least = 0;

  /// For people, in printable ASCII: of Errc::broker_refused Redis' own words (`NOPERM ...`), of
  /// Errc::broker_down why there is no link, if that is known; else empty.
  std::string reason{};
};

/// Runs on the emitter's thread, once, later and never inside the call. Not at all when the call
/// answered an error.
using OnEmitted = std::function<void(const EmitResult&)>;

// The calls' arguments. Views need live only as long as the call. An absent `data` makes a message
// without the key (protocol.md D15).

struct EmitToClient {
  std::string_view client_id{};
  std::string_view event{};
  Json data{};
  OnEmitted on_result{};
};

struct EmitToUser {
  std::string_view user_id{};
  std::string_view event{};
  Json data{};
  OnEmitted on_result{};
};

struct EmitToRoom {
  std::string_view room{};
  std::string_view event{};
  Json data{};
  std::optional<std::vector<std::string>> exclude{};  ///< Client ids that the message skips.
  OnEmitted on_result{};
};

struct EmitBroadcast {
  std::string_view event{};
  Json data{};
  OnEmitted on_result{};
};

/// Sends to the clients of all servers on one Redis, from a process that has none of its own
/// (`WebSocketEmitter`, protocol.md section 3). It has one thread and one connection, which is
/// dialled anew whenever it is lost; nothing is kept for then. Every call may be made from any
/// thread, result callbacks included, unless it says otherwise.
class WSCAST_EXPORT Emitter {
 public:
  /// Judges the options and starts nothing. Throws std::invalid_argument that names all faults;
  /// without `redis` the reference's `[WebSocketEmitter] Invalid redis connection!`.
  explicit Emitter(EmitterOptions options);

  /// Shuts down, and waits until all results are told. Not from a callback.
  ~Emitter();

  Emitter(const Emitter&) = delete;
  Emitter& operator=(const Emitter&) = delete;

  /// Connects and waits until Redis is ready. Call it once, before the calls below; not from a
  /// callback. Throws std::runtime_error that says why Redis refused (RedisOptions::startup_wait
  /// may wait for one that is not there yet), or, after RedisOptions::ready_timeout, the
  /// reference's `Redis client did not become ready within 30000ms (status: ...)`; then this
  /// emitter is over. Throws std::system_error (Errc::stopped) when it was called before, or
  /// shutdown() was.
  void configure();

  // Each returns at once. What is sent in the order of the calls arrives in that order. Errors of
  // all: Errc::invalid_json (data that is no JSON, or text that is no UTF-8), Errc::invalid_text
  // (an empty event, id or room), Errc::message_too_big, Errc::queue_full, Errc::stopped.

  std::error_code to_client(const EmitToClient& call);

  /// Each client of the user.
  std::error_code to_user(const EmitToUser& call);
  std::error_code to_room(const EmitToRoom& call);

  /// Every authenticated client.
  std::error_code broadcast(const EmitBroadcast& call);

  /// Waits until the result of each call made so far was told; false when `longest` is over before.
  /// In a callback it does not wait.
  bool flush(std::chrono::milliseconds longest);

  /// Takes no more calls. What is in flight is still answered, within
  /// RedisOptions::answer_timeout, and then the connection ends. Returns at once; a second call
  /// does nothing.
  void shutdown();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wscast
