#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "wscast/options.h"
#include "wscast/ready_state.h"

namespace wscast {

/// A client's connection that an external WebSocket server holds (the reference's `IWebSocket`).
/// The application implements it. All calls, the destructor included, come on the thread of the
/// client's shard; none of them may call the server back before it returns. When one of them
/// throws, the client is removed as if its connection had closed, `transport_failures` is counted,
/// and nothing more is called.
class ExternalTransport {
 public:
  virtual ~ExternalTransport() = default;

  /// Sends `payload`, which is valid during the call, as one message. Returns > 0: accepted; 0:
  /// dropped; -1: accepted, but queued behind bytes that the kernel refused (protocol.md T12).
  /// After -1 the external server calls ExternalServerHandler::drain once the queue is empty.
  virtual int send(std::string_view payload, bool binary) = 0;

  /// Sends a close frame; nothing is sent after it. The external server calls
  /// ExternalServerHandler::close when the connection has closed.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;

  /// The peer's address in text; empty if it has none.
  virtual std::string remote_address() const = 0;

  virtual ReadyState ready_state() const = 0;

  /// Asks the external server to pass on no more messages until resume_reading(). By default a
  /// no-op, for servers that cannot pause: what they pass on beyond the limits of SessionOptions is
  /// dropped (protocol.md M14).
  virtual void pause_reading() {}
  virtual void resume_reading() {}
};

/// What an external WebSocket server calls (the reference's `getBunWebSocketHandler()`), made by
/// Server::handler(). Any thread, but calls for one client must not overlap. Each function returns
/// Errc::stopped when the server does not run, or an error that it names; else an empty code.
struct ExternalServerHandler {
  /// Adds the client of a connection that was opened. `client_id` must come from
  /// Server::new_client_id(). Errors: Errc::invalid_client; Errc::client_exists if it is in use
  /// (protocol.md O21).
  std::function<std::error_code(std::string_view client_id,
                                std::shared_ptr<ExternalTransport> transport)>
      open;

  /// Passes on a complete message. Errors: Errc::unknown_client; Errc::overloaded when too many
  /// bytes wait for the client's shard (`max_inbox_bytes`): the message is dropped and counted.
  std::function<std::error_code(std::string_view client_id, std::string_view payload, bool binary)>
      message;

  /// Removes the client: its connection has closed. Error: Errc::unknown_client.
  std::function<std::error_code(std::string_view client_id)> close;

  /// Reports that everything queued was sent, after ExternalTransport::send() returned -1. Error:
  /// Errc::unknown_client.
  std::function<std::error_code(std::string_view client_id)> drain;

  /// The transport options of the server, for the external server to apply to its connections.
  TransportOptions options;
};

}  // namespace wscast
