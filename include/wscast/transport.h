#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "wscast/options.h"

namespace wscast {

/// RFC 6455's life of a connection, numbered as in the browser's API.
enum class ReadyState : std::uint8_t { connecting = 0, open = 1, closing = 2, closed = 3 };

/// A client's connection that somebody else's WebSocket server holds (`IWebSocket`): what wscast
/// needs of it. Called, and given back, on the client's shard thread alone; none of these may call
/// the server back before it returns. One that throws is counted (`transport_failures`) and not
/// called any more: the client has gone, as if its connection had closed.
class ExternalTransport {
 public:
  virtual ~ExternalTransport() = default;

  /// Sends `payload` as one message; `payload` is valid during the call. Answers > 0: accepted;
  /// 0: dropped; -1: accepted behind bytes that wait (protocol.md T12), and then `drain` is to be
  /// called once they have gone.
  virtual int send(std::string_view payload, bool binary) = 0;

  /// Closes; nothing can be sent after it. `close` of the handler is to be called when it is done.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;

  /// Of the peer, in text; empty when it has none.
  virtual std::string remote_address() const = 0;

  virtual ReadyState ready_state() const = 0;

  /// Asks for no further message until resume_reading(); one that cannot hold back goes on.
  virtual void pause_reading() {}
  virtual void resume_reading() {}
};

/// A client's connection as its hooks see it (`IWebSocket`). Lives as long as the call of the hook,
/// on the shard's thread.
class ClientSocket {
 public:
  virtual ~ClientSocket() = default;

  /// Sends `payload` as it is, as one message: > 0 accepted, 0 dropped, -1 accepted behind bytes
  /// that wait (protocol.md T12). Refused, and counted, for an encrypted client. Text must be
  /// UTF-8.
  virtual int send(std::string_view payload, bool binary) = 0;
  int send(std::string_view text) { return send(text, false); }

  /// Sends a close frame; the client is out of everything when this returns. Ignored for a code
  /// that no close frame may have, and a reason that is no UTF-8 or over 123 bytes.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
  void close(std::uint16_t code = 1000) { close(code, {}); }
  virtual std::string remote_address() const = 0;
  virtual ReadyState ready_state() const = 0;

  /// Topics are a namespace of their own, reached by publish() alone.
  virtual void subscribe(std::string_view topic) = 0;
  virtual void unsubscribe(std::string_view topic) = 0;
  virtual bool is_subscribed(std::string_view topic) const = 0;

  /// Sends `text` as it is to the topic's subscribers on this server; to this client only with
  /// `transport.publish_to_self` (protocol.md T8). Encrypted clients are passed over, and counted.
  virtual void publish(std::string_view topic, std::string_view text) = 0;

  /// Runs `write`; what it sends leaves in one write. (So does all that a hook sends.)
  void cork(const std::function<void(ClientSocket&)>& write) { write(*this); }
};

/// What an external WebSocket server calls (`getBunWebSocketHandler()`). Any thread; calls for one
/// client must follow each other. Errors: Errc::stopped, and what is written beside each.
struct ExternalServerHandler {
  /// A connection was opened. The id is one that new_client_id() made. Errors:
  /// Errc::invalid_client, Errc::client_exists (protocol.md O21).
  std::function<std::error_code(std::string_view client_id,
                                std::shared_ptr<ExternalTransport> transport)>
      open;

  /// A whole message has come. Errors: Errc::unknown_client; Errc::overloaded when too much waits
  /// for the client's shard (`max_inbox_bytes`): the message is dropped and counted.
  std::function<std::error_code(std::string_view client_id, std::string_view payload, bool binary)>
      message;

  /// The connection is over. Error: Errc::unknown_client.
  std::function<std::error_code(std::string_view client_id)> close;

  /// All that waited has been sent. Error: Errc::unknown_client.
  std::function<std::error_code(std::string_view client_id)> drain;

  /// How the external server is to treat its connections.
  TransportOptions options;
};

}  // namespace wscast
