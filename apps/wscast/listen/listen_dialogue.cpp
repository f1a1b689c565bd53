#include "listen/listen_dialogue.h"

#include <optional>

#include <nlohmann/json.hpp>

#include "wscast/constants.h"
#include "wscast/json_fields.h"

#include "json_writer.h"

namespace wscast::program {
namespace {

/// The `id` of what a listener asks, by which it knows the replies.
constexpr std::string_view kId = R"("wscast-listen")";

std::string request(std::string_view event, const std::string& data) {
  return JsonObjectWriter()
      .text("event", event)
      .raw("data", Json::text(data))
      .raw("id", Json::text(kId))
      .finish();
}

/// `lobby: not allowed, kitchen: too many rooms`, of the data of an ack that is not ok.
std::string refused_rooms(std::string_view data) {
  const auto ack = nlohmann::json::parse(data, nullptr, false);
  std::string out;
  const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  if (const auto rooms = ack.find("rooms"); rooms != ack.end() && rooms->is_object()) {
    for (const auto& [room, outcome] : rooms->items()) {
      const std::string text = outcome.is_string() ? outcome.get<std::string>() : "?";
      if (text != "joined") add(std::string(room).append(": ").append(text));
    }
  }
  const auto error = ack.find("error");
  if (error != ack.end() && error->is_string()) add(error->get<std::string>());
  return out.empty() ? "the rooms" : out;
}

}  // namespace

std::string ListenDialogue::begin(std::string_view token) {
  state_ = State::authenticating;
  refusal_.clear();
  return request(events::authenticate, R"({"token":)" + json_string(token) + "}");
}

ListenDialogue::Step ListenDialogue::on_message(std::string_view message) {
  const auto fields = JsonFields::of(Json::text(message));
  if (!fields || state_ == State::refused) return {.prints = state_ != State::refused};
  const std::string event = fields->string("event").value_or("");
  const std::string_view data = fields->raw("data").view();
  if (state_ == State::authenticating) {
    if (event == events::connected) return {.send = on_connected(data)};
    if (event == events::error) refusal_ = std::string(data);
    return {};
  }
  const bool is_reply = fields->raw("id").view() == kId;
  if (is_reply && state_ == State::joining) on_joined(event, data);
  return {.prints = !is_reply};
}

std::string ListenDialogue::on_connected(std::string_view data) {
  refusal_.clear();
  if (const auto who = JsonFields::of(Json::text(data))) {
    identity_ = who->string("userId").value_or(who->string("id").value_or(""));
  }
  state_ = rooms_.empty() ? State::listening : State::joining;
  if (rooms_.empty()) return {};
  std::string names;
  for (const auto& room : rooms_) names += (names.empty() ? "" : ",") + json_string(room);
  return request(events::join, R"({"rooms":[)" + names + "]}");
}

void ListenDialogue::on_joined(std::string_view event, std::string_view data) {
  const auto ack = JsonFields::of(Json::text(data));
  if (event != events::error && ack && ack->boolean("ok").value_or(false)) {
    state_ = State::listening;
    return;
  }
  state_ = State::refused;
  refusal_ = event == events::error && ack ? ack->string("message").value_or("the rooms")
                                           : refused_rooms(data);
}

}  // namespace wscast::program
