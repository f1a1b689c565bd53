#include "protocol/server_messages.h"

#include <array>
#include <charconv>
#include <cstddef>

#include "protocol/json_scanner.h"
#include "protocol/json_string.h"

namespace wscast::protocol {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxTextBytes = 256;  // Of what a server says about itself.

/// Writes the members of an object. Names need no escapes.
class Members {
 public:
  Members& text(std::string_view name, std::string_view value) {
    begin(name);
    append_quoted(out_, value);
    return *this;
  }
  Members& raw(std::string_view name, std::string_view json) {
    begin(name).append(json);
    return *this;
  }
  Members& number(std::string_view name, std::uint64_t value) {
    return raw(name, std::to_string(value));
  }
  Members& boolean(std::string_view name, bool value) {
    return raw(name, value ? "true" : "false");
  }
  std::string finish() { return out_ + "}"; }

 private:
  std::string& begin(std::string_view name) {
    if (out_.size() > 1) out_ += ',';
    return out_.append("\"").append(name).append("\":");
  }

  std::string out_ = "{";
};

/// Reads members of a valid JSON object; remembers whether one was missing or of another type.
template <std::size_t N>
class Reader {
 public:
  Reader(std::string_view data, const std::array<std::string_view, N>& names) {
    complete_ = scan_object(data, names, values_) == ObjectScan::object;
  }

  std::string text(std::size_t index) {
    std::optional<std::string> read;
    if (is(index, JsonKind::string)) read = decode_json_string(values_[index]->text);
    complete_ &= read && read->size() <= kMaxTextBytes;
    return complete_ ? *read : std::string();
  }
  std::uint64_t number(std::size_t index) {
    std::uint64_t value = 0;
    bool read = is(index, JsonKind::number);
    if (read) {
      const std::string_view text = values_[index]->text;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      read = error == std::errc() && end == text.data() + text.size();
    }
    complete_ &= read;
    return value;
  }
  bool boolean(std::size_t index) {
    complete_ &= is(index, JsonKind::boolean);
    return complete_ && values_[index]->text == "true";
  }
  std::optional<std::string_view> raw(std::size_t index) const {
    if (!complete_ || !values_[index]) return std::nullopt;
    return values_[index]->text;
  }
  bool complete() const { return complete_; }

 private:
  bool is(std::size_t index, JsonKind kind) const {
    return complete_ && values_[index] && values_[index]->kind == kind;
  }

  std::array<std::optional<JsonValue>, N> values_{};
  bool complete_ = false;
};

}  // namespace

std::string announcement_data(const ServerAnnouncement& announcement) {
  const ServerInfo& server = announcement.server;
  const auto started =
      std::chrono::duration_cast<milliseconds>(server.started_at.time_since_epoch()).count();
  return Members()
      .text("identifier", server.identifier)
      .text("version", server.version)
      .number("startedAt", static_cast<std::uint64_t>(started))
      .boolean("draining", server.draining)
      .number("connections", server.connections)
      .number("clients", server.clients)
      .number("authenticated", server.authenticated)
      .number("rooms", server.rooms)
      .boolean("stopped", announcement.stopped)
      .boolean("greeting", announcement.greeting)
      .finish();
}

std::optional<ServerAnnouncement> read_announcement(std::string_view data) {
  enum : std::size_t {
    identifier,
    version,
    started_at,
    draining,
    connections,
    clients,
    authenticated,
    rooms,
    stopped,
    greeting,
    count
  };
  Reader<count> reader(data, {"identifier", "version", "startedAt", "draining", "connections",
                              "clients", "authenticated", "rooms", "stopped", "greeting"});
  ServerAnnouncement read;
  ServerInfo& server = read.server;
  server.identifier = reader.text(identifier);
  server.version = reader.text(version);
  // Beyond this a number of milliseconds may not fit into the clock's type.
  constexpr std::uint64_t last = std::uint64_t{1} << 42U;
  const std::uint64_t started = reader.number(started_at);
  if (started >= last) return std::nullopt;
  server.started_at = std::chrono::system_clock::time_point(milliseconds(started));
  server.draining = reader.boolean(draining);
  server.connections = reader.number(connections);
  server.clients = reader.number(clients);
  server.authenticated = reader.number(authenticated);
  server.rooms = reader.number(rooms);
  read.stopped = reader.boolean(stopped);
  read.greeting = reader.boolean(greeting);
  if (!reader.complete()) return std::nullopt;
  return read;
}

std::string request_data(const ServerCallData& call) {
  return Members()
      .number("id", call.id)
      .number("timeoutMs", static_cast<std::uint64_t>(call.timeout.count()))
      .raw("request", call.body)
      .finish();
}

std::optional<ServerCallData> read_request(std::string_view data) {
  Reader<3> reader(data, {"id", "timeoutMs", "request"});
  ServerCallData call{.id = reader.number(0)};
  const std::uint64_t timeout = reader.number(1);
  const auto body = reader.raw(2);
  if (!body || timeout > static_cast<std::uint64_t>(kMaxServerCallTimeout.count()))
    return std::nullopt;
  call.timeout = milliseconds(timeout);
  call.body = *body;
  return call;
}

std::string response_data(const ServerCallData& call) {
  Members members;
  members.number("id", call.id);
  if (!call.body.empty()) members.raw("response", call.body);
  return members.finish();
}

std::optional<ServerCallData> read_response(std::string_view data) {
  Reader<2> reader(data, {"id", "response"});
  const std::uint64_t id = reader.number(0);
  if (!reader.complete()) return std::nullopt;
  return ServerCallData{.id = id, .body = reader.raw(1).value_or(std::string_view())};
}

}  // namespace wscast::protocol
