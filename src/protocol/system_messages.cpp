#include "protocol/system_messages.h"

#include <chrono>

#include "wscast/constants.h"

#include "protocol/envelope.h"
#include "protocol/json_string.h"

namespace wscast::protocol {
namespace {

std::string quoted(std::string_view value) {
  std::string text(quoted_size(value), '\0');
  write_quoted(text.data(), value);
  return text;
}

/// Collects the members of an object.
class ObjectText {
 public:
  void add(std::string_view key, std::string_view value) { add_texts(quoted(key), quoted(value)); }

  /// The same of JSON texts.
  void add_texts(std::string_view key, std::string_view value) {
    text_ += text_.empty() ? '{' : ',';
    text_.append(key).append(1, ':').append(value);
  }

  std::string take() && { return (text_.empty() ? "{" : std::move(text_)) + '}'; }

 private:
  std::string text_;
};

/// Writes the last `digits` decimal digits of `number`.
void append_number(std::string& out, unsigned number, std::size_t digits) {
  const std::string decimal = std::to_string(number);
  if (decimal.size() < digits) out.append(digits - decimal.size(), '0');
  out += decimal;
}

}  // namespace

std::string connected_message(const Connected& connected,
                              std::optional<std::string_view> request_id) {
  ObjectText data;
  data.add("id", connected.id);
  if (!connected.user_id.empty()) data.add("userId", connected.user_id);
  data.add("time", format_time(connected.time));
  if (!connected.server_public_key.empty() || !connected.salt.empty()) {
    data.add("serverPublicKey", connected.server_public_key);
    data.add("salt", connected.salt);
  }
  if (!connected.positions.empty()) data.add_texts(R"("positions")", connected.positions);
  const std::string json = std::move(data).take();
  return make_envelope({events::connected, json, request_id});
}

std::string error_message(std::string_view message, std::optional<std::string_view> request_id) {
  ObjectText data;
  data.add("message", message);
  const std::string json = std::move(data).take();
  return make_envelope({events::error, json, request_id});
}

std::string dropped_message(std::optional<std::uint32_t> count) {
  ObjectText data;
  data.add_texts(R"("count")", count ? std::to_string(*count) : "null");
  const std::string json = std::move(data).take();
  return make_envelope({extension_events::dropped, json, {}});
}

std::string disconnect_message(std::chrono::milliseconds reconnect_after) {
  ObjectText data;
  data.add_texts(R"("reconnectAfterMs")", std::to_string(reconnect_after.count()));
  const std::string json = std::move(data).take();
  return make_envelope({events::disconnect, json, {}});
}

std::string rooms_ack_message(const RoomsAck& ack) {
  ObjectText rooms;
  for (const auto& [name, outcome] : ack.rooms) rooms.add_texts(name, quoted(outcome));
  ObjectText data;
  data.add_texts(R"("ok")", ack.ok ? "true" : "false");
  data.add_texts(R"("rooms")", std::move(rooms).take());
  if (!ack.error.empty()) data.add("error", ack.error);
  if (!ack.positions.empty()) data.add_texts(R"("positions")", ack.positions);
  const std::string json = std::move(data).take();
  return make_envelope({"ack", json, ack.id});
}

std::string format_time(WallTime time) {
  using std::chrono::days;
  using std::chrono::floor;
  using std::chrono::hh_mm_ss;
  using std::chrono::milliseconds;
  using std::chrono::year_month_day;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<milliseconds>(time - day));
  std::string text;
  const auto append = [&text](auto number, std::size_t digits, char end) {
    append_number(text, static_cast<unsigned>(number), digits);
    text += end;
  };
  append(static_cast<int>(date.year()), 4, '-');
  append(static_cast<unsigned>(date.month()), 2, '-');
  append(static_cast<unsigned>(date.day()), 2, 'T');
  append(clock.hours().count(), 2, ':');
  append(clock.minutes().count(), 2, ':');
  append(clock.seconds().count(), 2, '.');
  append(clock.subseconds().count(), 3, 'Z');
  return text;
}

}  // namespace wscast::protocol
