#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace wscast::program {

/// What a client authenticates with.
struct Credentials {
  std::string token;    ///< A JSON text.
  std::string members;  ///< Further members of what it sends, such as `"device":"tv"`; empty: none.
};

/// What the client sends to a server, and what the server's messages mean, as far as a load needs
/// it. No I/O, no state.
class Dialect {
 public:
  enum class State : std::uint8_t { waits, connected, refused };

  /// What follows from a message to a client that is not connected yet.
  struct Greeting {
    State state = State::waits;
    std::string reply{};  ///< Empty: none.
  };

  virtual ~Dialect() = default;

  /// The path of a URL without one.
  virtual std::string_view path() const { return "/ws"; }

  /// Whether a client is connected as soon as its WebSocket is open.
  virtual bool greets() const { return true; }

  /// The first message of a client; empty: none.
  virtual std::string on_open(const Credentials& credentials) const = 0;
  virtual Greeting greet(std::string_view message, const Credentials& credentials) const = 0;

  virtual std::string join(std::string_view room) const = 0;

  /// What sends `text`, which stands in it once, to the members of a room.
  virtual std::string publish(std::string_view room, std::string_view event,
                              std::string_view text) const = 0;

  /// The same to the sender alone, which is the only member of `room`.
  virtual std::string echo(std::string_view room, std::string_view event,
                           std::string_view text) const = 0;

  /// What says from time to time that a client lives; empty: nothing does.
  virtual std::string heartbeat() const { return {}; }

  /// The reply to a message by which the server asks that; empty: it is another one.
  virtual std::string reply_to_ping(std::string_view) const { return {}; }

  /// The size of the first of the messages that arrived in one WebSocket message.
  virtual std::size_t first_size(std::string_view messages) const { return messages.size(); }
};

/// `wscast` (also the reference's), `socket.io`, `nats`, or `raw`: a server that sends back what it
/// gets.
std::unique_ptr<Dialect> make_dialect(std::string_view name);

}  // namespace wscast::program
