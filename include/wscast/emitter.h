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
#include "wscast/history.h"
#include "wscast/json.h"
#include "wscast/redis.h"

namespace wscast {

/// What an Emitter is made from (the reference's `IWebSocketEmitterOptions`).
struct EmitterOptions {
  /// Names the emitter in its log lines.
  std::string identifier = "emitter";

  /// Required: the Redis that the servers use, with the same `prefix`.
  std::optional<RedisOptions> redis{};

  /// Messages, and bytes of them, that may wait for their result; beyond it calls return
  /// Errc::queue_full. The bytes are at least `redis->max_publish_bytes`.
  std::size_t max_messages_in_flight = 10'000;
  std::size_t max_bytes_in_flight = 16 * 1024 * 1024;

  /// Returns all that is wrong with these options, one sentence each; empty when they are valid.
  WSCAST_EXPORT std::vector<std::string> validate() const;
};

/// The result of sending one message.
struct EmitResult {
  /// Empty: Redis accepted it. Errc::broker_down: it was not sent. Errc::broker_refused: Redis
  /// rejected it. Errc::broker_silent: Redis did not answer, or kept it in the room's history but
  /// did not publish it, so it may have been sent.
  std::error_code error{};

  /// Servers that Redis passed it to: those that have, or may have, a receiver. In a Cluster the
  /// servers on other nodes are not counted. 0 with EmitToRoom::history.
  std::size_t receivers_at_least = 0;

  /// For people, in printable ASCII: Redis' own words, if it rejected something (`NOPERM ...`);
  /// with Errc::broker_down why it could not be sent, if that is known; else empty.
  std::string reason{};

  /// Where it stands in the history of its room: with EmitToRoom::history and without an error.
  std::optional<Position> position{};
  bool repeated = false;  ///< EmitToRoom::key was known: it had been published before.
};

/// Gets the result of a call that returned no error: exactly once, on the emitter's thread, never
/// inside the call.
using OnEmitted = std::function<void(const EmitResult&)>;

// The arguments of the calls. Views need to live only during the call. Without `data` the message
// has no such key (protocol.md D15).

/// Arguments of Emitter::to_client().
struct EmitToClient {
  std::string_view client_id{};
  std::string_view event{};
  Json data{};
  OnEmitted on_result{};
};

/// Arguments of Emitter::to_user().
struct EmitToUser {
  std::string_view user_id{};
  std::string_view event{};
  Json data{};
  OnEmitted on_result{};
};

/// Arguments of Emitter::to_room().
struct EmitToRoom {
  std::string_view room{};
  std::string_view event{};
  Json data{};
  std::optional<std::vector<std::string>> exclude{};  ///< Ids of clients that do not get it.
  OnEmitted on_result{};

  /// Writes it to the room's history and publishes it with its position, all or nothing
  /// (protocol.md H9). The limits are to be those that the servers have for the room. Without it
  /// the message is delivered live, also in a room with history (protocol.md H1).
  std::optional<HistoryLimits> history{};

  /// With `history`, at most 128 bytes of UTF-8: a message whose key was used for the room within
  /// the last 5 minutes is not published again; its result has the position of the first. Empty:
  /// none.
  std::string_view key{};
};

/// Arguments of Emitter::broadcast().
struct EmitBroadcast {
  std::string_view event{};
  Json data{};
  OnEmitted on_result{};
};

/// Sends to the clients of all servers on one Redis, from a process without clients of its own (the
/// reference's `WebSocketEmitter`). It has one thread and one connection, which reconnects whenever
/// it is lost; messages are not kept until then. In a Cluster it has another one to each master
/// whose rooms' history it writes to. Any thread may make a call, also from a result's callback,
/// unless the call says otherwise (protocol.md section 3, R8).
class WSCAST_EXPORT Emitter {
 public:
  /// Validates the options; does not connect. Throws std::invalid_argument that names all faults;
  /// without `redis` the reference's `[WebSocketEmitter] Invalid redis connection!` (protocol.md
  /// R10).
  explicit Emitter(EmitterOptions options);

  /// Calls shutdown() and waits until all results were reported. Must not run in a callback.
  ~Emitter();

  Emitter(const Emitter&) = delete;
  Emitter& operator=(const Emitter&) = delete;

  /// Connects and waits until Redis is ready. Call it once, before the calls below, and not in a
  /// callback. Throws std::runtime_error that says why Redis refused (RedisOptions::startup_wait
  /// may wait for one that is not there yet), or, after RedisOptions::ready_timeout, the
  /// reference's `Redis client did not become ready within 30000ms (status: ...)`; then this
  /// emitter cannot be used any more. Throws std::system_error (Errc::stopped) when it or
  /// shutdown() was called before (protocol.md R9).
  void configure();

  // Each returns at once, and messages arrive in the order of the calls; in a Cluster those with a
  // history in that of their room alone. An error means that nothing is sent: Errc::invalid_json
  // (data that is no JSON, or text that is no UTF-8), Errc::invalid_text (an empty event, id or
  // room), Errc::message_too_big (over RedisOptions::max_publish_bytes), Errc::queue_full,
  // Errc::stopped (also before configure()). A call that throws std::bad_alloc has done nothing.

  /// Sends to one client.
  std::error_code to_client(const EmitToClient& call);

  /// Sends to each client of the user.
  std::error_code to_user(const EmitToUser& call);

  /// Sends to each client in the room, but for those in `exclude`. Errc::invalid_text also for
  /// limits or a key that must not be, a key without `history`, and a history of a client's own
  /// room.
  std::error_code to_room(const EmitToRoom& call);

  /// Sends to every authenticated client.
  std::error_code broadcast(const EmitBroadcast& call);

  /// Waits until the result of each call made so far was reported; false when `longest` is over
  /// before. In a callback it does not wait.
  bool flush(std::chrono::milliseconds longest);

  /// Rejects all further calls with Errc::stopped. The results of what is in flight are still
  /// reported, within RedisOptions::answer_timeout, and then the connection is closed. Returns at
  /// once; a second call is a no-op.
  void shutdown();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wscast
