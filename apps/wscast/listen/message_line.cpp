#include "listen/message_line.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "wscast/json_fields.h"

#include "json_writer.h"
#include "terminal_json.h"

namespace wscast::program {
namespace {

/// A name as it is where that is clear, else as a JSON string.
std::string plain_name(const std::string& name) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || (c != 0 && std::string_view("_-.:/@*").find(
                                                  static_cast<char>(c)) != std::string_view::npos);
  };
  return !name.empty() && std::ranges::all_of(name, plain) ? name : terminal_string(name);
}

std::string text_line(const JsonFields& fields, const std::string& event) {
  std::string out;
  if (const auto room = fields.string("room")) out += "[" + plain_name(*room) + "] ";
  out += plain_name(event);
  if (const Json data = fields.raw("data"); data.present()) out += " " + terminal_json(data.view());
  return out;
}

}  // namespace

std::string message_line(std::string_view message, std::chrono::system_clock::time_point time,
                         LineFormat format) {
  const auto fields = JsonFields::of(Json::text(message));
  const auto event = fields ? fields->string("event") : std::nullopt;
  const std::string when = utc_text(time);
  if (format == LineFormat::text) {
    return when + " " + (event ? text_line(*fields, *event) : terminal_string(message));
  }
  JsonObjectWriter line;
  line.text("time", when);
  if (!event) return terminal_json(line.text("text", message).finish());
  if (const auto room = fields->string("room")) line.text("room", *room);
  line.text("event", *event).raw("data", fields->raw("data")).raw("id", fields->raw("id"));
  return terminal_json(line.finish());
}

}  // namespace wscast::program
