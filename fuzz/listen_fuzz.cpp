// What a server sends to a client, and to `wscast listen`: messages, with a zero byte between them.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "wscast/client.h"
#include "wscast/json_fields.h"

#include "base/random.h"
#include "client/client_session.h"
#include "listen/message_line.h"
#include "one_line.h"
#include "stream.h"

namespace {

using namespace wscast;
using fuzz::require;
using program::LineFormat;

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

/// What the client sends is JSON, whatever it was told.
class Transport final : public client::ClientTransport {
 public:
  void connect() override { ++connections; }
  void send(std::string_view text) override {
    const auto sent = JsonFields::of(Json::text(text));
    require(sent && sent->string("event"), "it sends messages");
  }
  void ping() override {}
  void close(std::uint16_t /*code*/) override {}
  void abort() override {}

  int connections = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  Transport transport;
  SteadyTime now{std::chrono::hours(1)};
  ClientOptions options{.url = "ws://server/ws", .outbox = 4};
  options.on_message = [](const ReceivedMessage& message) { check_printed(message.text); };
  options.on_error = [](const ClientError& error) {
    check_shown(program::one_line(error.message));
  };
  options.on_gap = [](const ClientGap& gap) { check_shown(program::one_line(gap.room)); };
  client::ClientSession session(options, transport, system_random());
  int results = 0;
  session.join("lobby", [&results](const ClientError& /*error*/) { ++results; });
  session.on_time(now);
  session.on_open();
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\0'), input.size());
    session.on_text(now, input.substr(0, end));
    session.publish(now, {"lobby", "chat", "1", false, "", {}});
    session.on_time(now += std::chrono::seconds(1));
    input.remove_prefix(std::min(input.size(), end + 1));
  }
  session.close();
  require(results == 1, "each join has one result");
  return 0;
}
