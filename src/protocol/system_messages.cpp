#include "protocol/system_messages.h"

#include <chrono>

#include "wscast/constants.h"

#include "protocol/envelope.h"
#include "protocol/json_string.h"

namespace wscast::protocol {
namespace {

/// Collects the members of an object whose values are strings.
class StringsObject {
 public:
  void add(std::string_view key, std::string_view value) {
    text_ += text_.empty() ? '{' : ',';
    append_quoted(key);
    text_ += ':';
    append_quoted(value);
  }

  std::string take() && { return std::move(text_) + '}'; }

 private:
  void append_quoted(std::string_view value) {
    const std::size_t size = text_.size();
    text_.resize(size + quoted_size(value));
    write_quoted(text_.data() + size, value);
  }

  std::string text_;
};

/// Writes the last `digits` decimal digits of `number`.
void append_number(std::string& out, unsigned number, std::size_t digits) {
  const std::string decimal = std::to_string(number);
  if (decimal.size() < digits) out.append(digits - decimal.size(), '0');
  out += decimal;
}

}  // namespace

std::string connected_message(const Connected& connected) {
  StringsObject data;
  data.add("id", connected.id);
  if (!connected.user_id.empty()) data.add("userId", connected.user_id);
  data.add("time", format_time(connected.time));
  if (!connected.server_public_key.empty() || !connected.salt.empty()) {
    data.add("serverPublicKey", connected.server_public_key);
    data.add("salt", connected.salt);
  }
  const std::string json = std::move(data).take();
  return make_envelope({events::connected, json});
}

std::string error_message(std::string_view message) {
  StringsObject data;
  data.add("message", message);
  const std::string json = std::move(data).take();
  return make_envelope({events::error, json});
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
