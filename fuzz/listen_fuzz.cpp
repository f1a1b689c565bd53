// What a server sends to `wscast listen`: messages, with a zero byte between them.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "wscast/json_fields.h"

#include "listen/listen_dialogue.h"
#include "listen/message_line.h"
#include "one_line.h"
#include "stream.h"

namespace {

using namespace wscast;
using fuzz::require;
using program::LineFormat;
using program::ListenDialogue;

/// A terminal shows it and does not obey it.
void check_shown(std::string_view line) {
  unsigned char before = 0;
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    require(byte >= 0x20 && byte != 0x7f, "a line has no control character");
    require(before != 0xc2 || byte >= 0xa0, "nor one of C1");
    before = byte;
  }
}

void check_printed(std::string_view message) {
  const std::chrono::system_clock::time_point time{};
  check_shown(program::message_line(message, time, LineFormat::text));
  const std::string line = program::message_line(message, time, LineFormat::json);
  check_shown(line);
  const auto object = JsonFields::of(Json::text(line));
  require(object && object->string("time"), "with --json a line is an object");
  const auto fields = JsonFields::of(Json::text(message));
  const auto event = fields ? fields->string("event") : std::nullopt;
  require(object->string("event") == event, "which has the event");
  require(object->raw("data").present() == (event && fields->raw("data").present()),
          "and the data");
}

void step(ListenDialogue& dialogue, std::string_view message) {
  using State = ListenDialogue::State;
  const State before = dialogue.state();
  const auto step = dialogue.on_message(message);
  const auto sent = JsonFields::of(Json::text(step.send));
  require(step.send.empty() || (sent && sent->string("event") == "join"), "it only asks to join");
  require(step.send.empty() || before == State::authenticating, "once");
  require(before != State::refused || dialogue.state() == State::refused, "a refusal is the end");
  check_shown(program::one_line(dialogue.refusal()));
  check_shown(program::one_line(dialogue.identity()));
  if (step.prints) check_printed(message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  ListenDialogue dialogue({"lobby"});
  dialogue.begin("token");
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\0'), input.size());
    step(dialogue, input.substr(0, end));
    input.remove_prefix(std::min(input.size(), end + 1));
  }
  return 0;
}
