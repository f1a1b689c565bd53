#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
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
#include "wscast/publish_result.h"

namespace wscast {

/// Where a Client stands.
enum class ConnectionState : std::uint8_t {
  connecting,  ///< A token is asked for, a connection made, the server's answer awaited.
  connected,
  waiting,  ///< There is no connection; the next attempt comes after ClientStateChange::delay.
  closed,   ///< For good: by close(), or because no attempt can succeed.
};

/// Why something failed.
struct ClientError {
  /// Empty: nothing failed. By a callback of a call:
  /// - Errc::refused: the server handled the message, and says no; `message` has its words.
  /// - Errc::lost: the connection ended before the reply; the message may have been handled.
  /// - Errc::queue_full: the outbox is full; nothing was sent.
  /// - Errc::stopped: the client was closed before.
  /// - std::errc::not_connected: there is no connection, and no outbox, or the message waited there
  ///   too long; nothing was sent.
  /// - std::errc::operation_canceled: the room was left meanwhile.
  /// - std::errc::timed_out: no reply in time; the message may have been handled.
  ///
  /// By ClientOptions::on_state and on_error, besides:
  /// - Errc::disconnected: a connection ended, or none could be made.
  /// - Errc::not_authenticated: the server rejects the token.
  /// - Errc::reported: the server reports an error of no message in particular.
  /// - std::errc::timed_out: no connection in time, or nothing comes any more.
  std::error_code code{};

  /// For people. It may have the server's words, and names that others chose, which nobody has made
  /// safe for a terminal.
  std::string message{};

  std::uint16_t close_code = 0;  ///< Of the server's close frame; 1005: it had none. 0: none came.
  std::string close_reason{};    ///< The same.
  int http_status = 0;           ///< Of a response that was no upgrade; 0: none came.
  std::string room{};            ///< The room that it is about, if it is about one.

  explicit operator bool() const { return static_cast<bool>(code); }
};

/// What ClientOptions::on_state gets.
struct ClientStateChange {
  ConnectionState state = ConnectionState::connecting;
  ClientError error{};                 ///< `waiting`, `closed`: why.
  std::chrono::milliseconds delay{0};  ///< `waiting`: until the next attempt.
};

/// A message that the client received. Views are valid during the callback.
struct ReceivedMessage {
  std::string_view event{};  ///< Empty if `text` is no message of the protocol.
  Json data{};               ///< Absent if the message has none.
  std::string_view text{};   ///< The whole message.

  /// Of a message of a room with history: where it stands there (protocol.md H4). The server does
  /// not say which room another message came from.
  std::string_view room{};
  std::optional<std::uint64_t> offset{};
  std::string_view epoch{};  ///< Empty while the server does not know.
};

/// Messages of a room with history that the client cannot get any more.
struct ClientGap {
  std::string room{};

  /// The first and the last that are missing; empty where nobody knows.
  std::optional<std::uint64_t> from{};
  std::optional<std::uint64_t> to{};
  std::string reason{};  ///< `epoch`, `window`, `limit` or `unavailable` (protocol.md H5).
};

/// What became of a publish.
struct ClientPublishResult {
  ClientError error{};

  /// Whether the server replied. The reference does not: then `error` is empty once it is sent.
  bool acknowledged = false;

  /// How many clients of the server it was queued for. Empty in a room with history.
  std::optional<std::uint64_t> delivered{};
  std::optional<Backplane> backplane{};  ///< What the server says of the other servers, if it does.
  std::optional<Position> position{};    ///< Where it stands in the history of its room.
  bool repeated = false;                 ///< It was published before, with the same key.
};

/// What a Client is made from. Callbacks run on the client's thread, one at a time, never inside a
/// call of the Client and never after its destructor has returned; the first ones may come before
/// its constructor has. They must not throw, and what blocks in one keeps the client from
/// everything else.
struct ClientOptions {
  /// Required: `ws://HOST[:PORT]/PATH`, `wss://` (TLS), or `ws+unix:/SOCKET[:/PATH]`.
  std::string url{};

  /// Returns the token of the next connection; called for each. A token that the server rejected
  /// (4003) is not sent again: if it is returned again the client is closed, with
  /// Errc::not_authenticated. What it throws goes to on_error, and it is called again later. Also
  /// called when the server says that the token has expired (protocol.md X4). None: no token.
  std::function<std::string()> token{};

  /// Further members of what `authenticate` sends, a JSON object such as `{"device":"tv"}`; empty:
  /// none.
  std::string data{};

  /// PEM of the authority that must have signed the certificate of a `wss` server; empty: those
  /// that the system trusts.
  std::string ca_file{};

  /// Whether certificates are verified at all. Without it TLS protects from nobody who is between.
  bool verify = true;

  /// Asks for positions in rooms with history: recovers what was missed, and reports gaps
  /// (protocol.md section 7).
  bool positions = true;

  /// How many messages may wait for a connection; 0: what is sent without one fails.
  std::size_t outbox = 0;
  std::chrono::milliseconds outbox_timeout{60'000};  ///< How long each may wait there.

  /// Bytes of messages that may wait to be sent or for their replies; beyond it calls return
  /// Errc::queue_full. One message is always accepted.
  std::size_t max_waiting_bytes = 16 * 1024 * 1024;

  std::chrono::milliseconds reply_timeout{10'000};    ///< 0: as long as the connection lasts.
  std::chrono::milliseconds connect_timeout{15'000};  ///< Once there is a token, to `connected`.

  /// How often to ask whether the connection lives. If nothing came from one time to the next it is
  /// left. The server expects a message every 90 s.
  std::chrono::milliseconds heartbeat{25'000};

  /// The next attempt comes after any time up to `min_delay`, doubled by each failure up to
  /// `max_delay`.
  std::chrono::milliseconds min_delay{1'000};
  std::chrono::milliseconds max_delay{30'000};

  std::size_t max_message = 64 * 1024 * 1024;  ///< A longer one ends the connection.

  std::function<void(const ClientStateChange&)> on_state{};

  /// Every message that is not the protocol's own, in order. In a room with history each comes
  /// once, from the moment the client has joined it, without a hole that on_gap has not reported.
  std::function<void(const ReceivedMessage&)> on_message{};

  std::function<void(const ClientGap&)> on_gap{};

  /// Messages are missing here; empty: nobody knows how many (protocol.md X2, X3).
  std::function<void(std::optional<std::uint64_t> count)> on_dropped{};

  /// What went wrong, and no callback waits for: words of the server, a connection that ended, a
  /// room that is lost.
  std::function<void(const ClientError&)> on_error{};

  /// Returns all that is wrong with these options, one sentence each; empty when they are valid.
  WSCAST_EXPORT std::vector<std::string> validate() const;
};

/// Arguments of Client::publish(). Views need to live only during the call.
struct ClientPublish {
  std::string_view room{};
  std::string_view event{};
  Json data{};        ///< Absent: the message has none.
  bool echo = false;  ///< The sender receives it too.

  /// In a room with history, at most 128 bytes of UTF-8: a message whose key was used for the room
  /// within the last 5 minutes is not published again (protocol.md H10). Empty: one of the
  /// client's, if ClientOptions::outbox is on and the client knows that the room has a history.
  std::string_view key{};

  /// Gets the result, once. Without it failures go to ClientOptions::on_error.
  std::function<void(const ClientPublishResult&)> on_result{};
};

/// A client that stays connected until close(): it authenticates, joins rooms, publishes, and comes
/// back by itself when the connection is lost. In rooms with history it then gets what it missed,
/// or reports that it cannot. It has one thread and one connection. Any thread may make a call,
/// also from a callback, unless the call says otherwise; calls of one thread are handled in order.
/// Needs no Server. The connection is protected by TLS (`wss`); the protocol's own encryption
/// (protocol.md section 4) is not spoken.
class WSCAST_EXPORT Client {
 public:
  /// Starts the thread, which connects. Throws std::invalid_argument that names everything wrong
  /// with the options, std::runtime_error without the CA file, std::system_error without a thread
  /// or a descriptor.
  explicit Client(ClientOptions options);

  /// Calls close() and waits until all callbacks have returned; while the name of the host is being
  /// resolved, or ClientOptions::token runs, for that, too. Must not run in a callback.
  ~Client();

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Gets what became of a join, once: an empty error when the client is in the room.
  using OnJoined = std::function<void(const ClientError&)>;

  /// Gets the reply to send(), once. Its data is valid during the call; absent if there is none.
  using OnReply = std::function<void(const ClientError&, Json data)>;

  // Each returns at once. An error means that nothing is sent, and no callback comes:
  // Errc::stopped, Errc::queue_full, Errc::invalid_text (an empty room or event, a key that is too
  // long), Errc::invalid_json (data that is no JSON, or text that is no UTF-8).

  /// Joins the room, now or once there is a connection, and after each reconnect again, until
  /// leave(). Without `on_result` a refusal goes to ClientOptions::on_error, as it does when it
  /// comes after a reconnect.
  std::error_code join(std::string_view room, OnJoined on_result = {});

  /// Leaves the room; a join that waits ends with std::errc::operation_canceled.
  std::error_code leave(std::string_view room);

  /// Sends to the other members of the room.
  std::error_code publish(const ClientPublish& call);

  /// Sends an event of your own server. With `on_reply` it asks for a reply; where the server
  /// replies to nothing (the reference) that is called without data once it is sent.
  std::error_code send(std::string_view event, Json data = {}, OnReply on_reply = {});

  ConnectionState state() const;

  /// Of the connection that is, or was last; empty before the first.
  std::string id() const;
  std::string user_id() const;

  /// Ends the client for good, with close code 1000. What waits for a reply ends with Errc::lost,
  /// other calls with Errc::stopped. Returns at once; a second call is a no-op.
  void close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wscast
