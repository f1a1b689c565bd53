#include "publish.h"

#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include "wscast/constants.h"
#include "wscast/error.h"
#include "wscast/json_fields.h"

#include "logging.h"

namespace wscast::program {
namespace {

constexpr std::string_view kAck = "ack";

/// The `error` of the `ack` for an error of a call; empty for success.
std::string_view word_for(std::error_code error) {
  if (!error) return "";
  if (error == Errc::message_too_big) return "message too big";
  if (error == Errc::overloaded) return "overloaded";
  if (error == Errc::stopped) return "shutting down";
  if (error == Errc::invalid_text || error == Errc::invalid_json) return "invalid text";
  return "not sent";
}

/// Sends the `ack` of one `publish`, if it is wanted. Outlives the hook: the result comes later.
class Acknowledgement {
 public:
  Acknowledgement(Server& server, const ClientMessage& message)
      : server_(server), client_id_(message.client_id), id_(message.id.view()) {}

  bool wanted() const { return !id_.empty(); }

  void refuse(std::string_view error) const {
    reply(R"({"ok":false,"error":")" + std::string(error) + "\"}");
  }

  void accept(const PublishResult& result) const {
    reply(R"({"ok":true,"delivered":)" + std::to_string(result.accepted) + R"(,"backplane":")" +
          std::string(backplane_word(result.backplane)) + "\"}");
  }

  /// Of a message into a room with history (protocol.md H10).
  void accept_in_history(const PublishResult& result) const {
    const bool ok = result.backplane == Backplane::ok;
    const std::string_view error =
        result.backplane == Backplane::unknown ? "no answer" : "not sent";
    std::string data = ok ? R"({"ok":true,"backplane":"ok")"
                          : R"({"ok":false,"error":")" + std::string(error) + R"(","backplane":")" +
                                std::string(backplane_word(result.backplane)) + '"';
    if (result.position) data += R"(,"position":)" + position_json(*result.position);
    if (result.repeated) data += R"(,"repeated":true)";
    reply(data + '}');
  }

 private:
  void reply(const std::string& data) const {
    if (!wanted()) return;
    server_.send_to_client(
        {.client_id = client_id_, .event = kAck, .data = Json::text(data), .id = Json::text(id_)});
  }

  Server& server_;
  std::string client_id_;
  std::string id_;
};

/// The parsed `data` of a `publish`.
struct Publication {
  std::string room;
  std::string event;
  Json data;
  bool echo = false;
  std::string key;  ///< Empty: it may be published again.
};

/// std::nullopt if it is invalid.
std::optional<Publication> read(const ClientMessage& message) {
  const auto fields = JsonFields::of(message.data);
  if (!fields) return std::nullopt;
  auto room = fields->string("room");
  auto event = fields->string("event");
  if (!room || room->empty() || !event || event->empty()) return std::nullopt;
  const Json data = fields->raw("data");
  const Json key = fields->raw("key");
  auto key_text = fields->string("key");
  if (key.present() && (!key_text || key_text->empty() || key_text->size() > kMaxPublishKeyBytes)) {
    return std::nullopt;
  }
  return Publication{.room = std::move(*room),
                     .event = std::move(*event),
                     .data = data.present() ? data : Json::text("null"),
                     .echo = fields->boolean("echo").value_or(false),
                     .key = std::move(key_text).value_or("")};
}

/// Sends to the other members. Returns the error for the sender, empty for success.
std::string_view send(Server& server, const ClientMessage& message, const Publication& what,
                      const Acknowledgement& ack) {
  const bool history = server.has_history(what.room);
  std::vector<std::string> exclude;
  if (!history || !what.echo) exclude.emplace_back(message.client_id);
  const std::error_code error = server.send(
      {.destination = what.room,
       .event = what.event,
       .data = what.data,
       .exclude = std::move(exclude),
       .on_result = ack.wanted() ? OnResult([ack, history](const PublishResult& result) {
         history ? ack.accept_in_history(result) : ack.accept(result);
       })
                                 : OnResult(),
       .key = what.key});
  return word_for(error);
}

/// Checks the publication and sends it, with `echo` to the sender too. Returns the same.
std::string_view pass_on(Server& server, const Admission& admission, RoomRateLimiter& room_rates,
                         const ClientMessage& message, const Publication& what,
                         const Acknowledgement& ack) {
  if (is_reserved(what.event)) return "reserved event";
  if (!server.in_room(message.client_id, what.room)) return "not a member";
  if (!admission.may_publish(message, what.room, what.event)) return "not allowed";
  if (!what.key.empty() && !server.has_history(what.room)) return "no history";
  if (!room_rates.take(what.room, std::chrono::steady_clock::now())) return "room over its rate";
  // A client is the only member of the room of its own id.
  const bool alone = what.room == message.client_id;
  const std::string_view error = alone ? "" : send(server, message, what, ack);
  if (!error.empty()) return error;
  if (what.echo && (alone || !server.has_history(what.room))) {
    server.send_to_client({.client_id = message.client_id, .event = what.event, .data = what.data});
  }
  if (alone) ack.accept({});
  return {};
}

}  // namespace

/// protocol.md H8.
bool is_reserved(std::string_view event) {
  return events::is_valid(event) || event == extension_events::dropped ||
         event == extension_events::gap || event == kAck;
}

std::string position_json(const Position& position) {
  return R"({"offset":)" + std::to_string(position.offset) + R"(,"epoch":")" + position.epoch +
         "\"}";
}

std::string_view backplane_word(Backplane backplane) {
  switch (backplane) {
    case Backplane::ok:
      return "ok";
    case Backplane::down:
      return "down";
    case Backplane::unknown:
      return "unknown";
    case Backplane::none:
      break;
  }
  return "none";
}

bool publish(Server& server, const Admission& admission, RoomRateLimiter& room_rates,
             const ClientMessage& message) {
  const Acknowledgement ack(server, message);
  const auto publication = read(message);
  const std::string_view error =
      publication ? pass_on(server, admission, room_rates, message, *publication, ack)
                  : "invalid publish";
  if (error.empty()) return true;
  log_line(
      LogLevel::debug, "publish_refused",
      "publish of client " + std::string(message.client_id) + " refused: " + std::string(error));
  ack.refuse(error);
  return false;
}

}  // namespace wscast::program
