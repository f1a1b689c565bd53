#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/export.h"

/// Following single messages on their way through a server: by whom they were published, what the
/// broker said, who received them, when, and who did not, and why.
namespace wscast {

/// Which messages a trace follows: those that the named room, user or client receives, also among
/// many others. Of a user or a client that is on another server, only what is sent to it by name.
enum class TraceKind : std::uint8_t { room, user, client };

/// Arguments of Server::start_trace(). The views must be valid during the call only.
struct StartTrace {
  /// 1 to 64 letters, digits, `-` and `_`, chosen by the caller: by the same one on several servers
  /// they follow as one. A trace that has it already is replaced.
  std::string_view id{};
  TraceKind kind = TraceKind::room;
  std::string_view target{};          ///< The name of the room or user, or the client's id.
  std::size_t messages = 10;          ///< Ends after so many: 1 to 1,000.
  std::chrono::seconds duration{60};  ///< Ends after this: 1 s to 600 s.
};

/// What happened to a message.
enum class TraceStep : std::uint8_t {
  published,  ///< A call of this server; `event` and `bytes`.
  broker,     ///< The broker has responded; `detail` says what: `ok`, `down` or `unknown`.
  received,   ///< From another server or an emitter, by the broker; `event` and `bytes`.
  delivered,  ///< A thread of this server has passed it to its clients; `accepted` and `dropped`.
  written,  ///< The kernel has it for `client`. Not without ServerOptions::measure, nor of clients
            ///< of an external server.
  dropped,  ///< It does not reach `client` (any of a thread's, if empty); `detail` says why.
};

/// The step's name, as above.
WSCAST_EXPORT std::string_view to_string(TraceStep step);

/// One step of one message; what does not concern its step is empty or 0.
struct TraceEvent {
  /// The message's id: on all servers the same, if one of them published it.
  std::string message{};
  TraceStep step = TraceStep::published;
  std::chrono::system_clock::time_point at{};  ///< By this server's clock.
  std::string event{};
  std::size_t bytes = 0;  ///< Of the message to a client.
  std::size_t accepted = 0;
  std::size_t dropped = 0;
  std::string client{};
  std::string detail{};
};

/// What a trace has noted: see Server::get_trace().
struct TraceReport {
  bool ended = false;                ///< No further message is followed.
  std::size_t messages = 0;          ///< That were followed.
  std::vector<TraceEvent> events{};  ///< In the order in which they were noted; at most 2,000.
  std::size_t events_lost = 0;       ///< Beyond those, or without memory.
};

}  // namespace wscast
