#include "bench/dialect.h"

#include <charconv>
#include <stdexcept>

#include "json_writer.h"

namespace wscast::program {
namespace {

constexpr std::string_view kEvent = "b";  ///< Of what `wscast serve` forwards.

std::string quoted(std::string_view text) {
  return json_string(text);
}

/// The members of a publish; `text` needs no escapes.
std::string publish_members(std::string_view room, std::string_view text) {
  return R"("room":)" + quoted(room) + R"(,"event":")" + std::string(kEvent) + R"(","data":")" +
         std::string(text) + '"';
}

/// The one of docs/protocol.md.
class WscastDialect final : public Dialect {
 public:
  std::string on_open(const Credentials& credentials) const override {
    return R"({"event":"authenticate","data":{"token":)" + credentials.token +
           (credentials.members.empty() ? "" : "," + credentials.members) + "}}";
  }

  Greeting greet(std::string_view message, const Credentials&) const override {
    if (message.starts_with(R"({"event":"connected")")) return {.state = State::connected};
    if (message.starts_with(R"({"event":"error")")) return {.state = State::refused};
    return {};
  }

  std::string join(std::string_view room) const override {
    return R"({"event":"join","data":{"rooms":[)" + quoted(room) + "]}}";
  }

  std::string publish(std::string_view room, std::string_view event,
                      std::string_view text) const override {
    return R"({"event":)" + quoted(event) + R"(,"data":{)" + publish_members(room, text) + "}}";
  }

  std::string echo(std::string_view room, std::string_view event,
                   std::string_view text) const override {
    if (event != "publish") {
      return R"({"event":)" + quoted(event) + R"(,"data":")" + std::string(text) + R"("})";
    }
    return R"({"event":"publish","data":{)" + publish_members(room, text) + R"(,"echo":true}})";
  }

  std::string heartbeat() const override { return R"({"event":"heartbeat"})"; }
};

/// Socket.IO 5 on Engine.IO 4: an event is an array with its name and its data.
class SocketIoDialect final : public Dialect {
 public:
  std::string_view path() const override { return "/socket.io/?EIO=4&transport=websocket"; }
  std::string on_open(const Credentials&) const override { return {}; }

  Greeting greet(std::string_view message, const Credentials& credentials) const override {
    if (message.starts_with("40")) return {.state = State::connected};
    if (message.starts_with("44")) return {.state = State::refused};
    if (!message.starts_with('0')) return {.reply = reply_to_ping(message)};
    return {.reply = R"(40{"token":)" + credentials.token +
                     (credentials.members.empty() ? "" : "," + credentials.members) + "}"};
  }

  std::string join(std::string_view room) const override {
    return R"(42["join",{"rooms":[)" + quoted(room) + "]}]";
  }

  std::string publish(std::string_view room, std::string_view event,
                      std::string_view text) const override {
    return "42[" + quoted(event) + ",{" + publish_members(room, text) + "}]";
  }

  std::string echo(std::string_view, std::string_view event, std::string_view text) const override {
    return "42[" + quoted(event) + ",\"" + std::string(text) + "\"]";
  }

  std::string reply_to_ping(std::string_view message) const override {
    return message == "2" ? "3" : "";
  }
};

/// NATS' client protocol; a room is a subject, which the sender receives, too.
class NatsDialect final : public Dialect {
 public:
  std::string_view path() const override { return "/"; }
  std::string on_open(const Credentials&) const override { return {}; }

  Greeting greet(std::string_view message, const Credentials& credentials) const override {
    if (message.starts_with("PONG")) return {.state = State::connected};
    if (message.starts_with("-ERR")) return {.state = State::refused};
    if (!message.starts_with("INFO ")) return {.reply = reply_to_ping(message)};
    return {.reply = R"(CONNECT {"verbose":false,"pedantic":false,"auth_token":)" +
                     credentials.token + "}\r\nPING\r\n"};
  }

  std::string join(std::string_view room) const override {
    return "SUB " + std::string(room) + " 1\r\n";
  }

  std::string publish(std::string_view room, std::string_view,
                      std::string_view text) const override {
    return "PUB " + std::string(room) + " " + std::to_string(text.size()) + "\r\n" +
           std::string(text) + "\r\n";
  }

  std::string echo(std::string_view room, std::string_view event,
                   std::string_view text) const override {
    return publish(room, event, text);
  }

  std::string reply_to_ping(std::string_view message) const override {
    return message == "PING\r\n" ? "PONG\r\n" : "";
  }

  /// `MSG subject sid size`, then the payload, or one line.
  std::size_t first_size(std::string_view messages) const override {
    constexpr std::string_view kEnd = "\r\n";
    const std::size_t line = messages.find(kEnd);
    if (line == std::string_view::npos) return messages.size();
    std::size_t size = line + kEnd.size();
    if (!messages.starts_with("MSG ")) return size;
    const std::string_view head = messages.substr(0, line);
    const std::string_view count = head.substr(head.rfind(' ') + 1);
    std::size_t payload = 0;
    std::from_chars(count.data(), count.data() + count.size(), payload);
    size += payload + kEnd.size();
    return std::min(size, messages.size());
  }
};

class RawDialect final : public Dialect {
 public:
  bool greets() const override { return false; }
  std::string on_open(const Credentials&) const override { return {}; }
  Greeting greet(std::string_view, const Credentials&) const override { return {}; }
  std::string join(std::string_view) const override { return {}; }

  std::string publish(std::string_view, std::string_view, std::string_view text) const override {
    return std::string(text);
  }

  std::string echo(std::string_view, std::string_view, std::string_view text) const override {
    return std::string(text);
  }
};

}  // namespace

std::unique_ptr<Dialect> make_dialect(std::string_view name) {
  if (name == "wscast") return std::make_unique<WscastDialect>();
  if (name == "socket.io") return std::make_unique<SocketIoDialect>();
  if (name == "nats") return std::make_unique<NatsDialect>();
  if (name == "raw") return std::make_unique<RawDialect>();
  throw std::invalid_argument("no protocol: " + std::string(name));
}

}  // namespace wscast::program
