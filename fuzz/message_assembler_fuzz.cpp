#include <string>

#include "stream.h"
#include "ws/message_assembler.h"
#include "ws/utf8_validator.h"

namespace wscast {
namespace {

using Kind = ws::Incoming::Kind;

struct Event {
  Kind kind;
  std::string payload;
  std::uint16_t code;
  std::string reason;
  bool operator==(const Event&) const = default;
};

struct Reading {
  std::vector<Event> events;
  bool incomplete = false;
};

void check_event(const ws::Incoming& incoming, std::uint64_t max_payload) {
  switch (incoming.kind) {
    case Kind::text:
      fuzz::require(ws::is_utf8(incoming.payload), "a text is UTF-8");
      [[fallthrough]];
    case Kind::binary:
      fuzz::require(incoming.payload.size() <= max_payload, "a message is within the limit");
      break;
    case Kind::close:
      fuzz::require(incoming.code == 1005 || ws::may_be_sent(incoming.code),
                    "a close code is valid");
      fuzz::require(ws::is_utf8(incoming.payload), "a close reason is UTF-8");
      [[fallthrough]];
    case Kind::ping:
    case Kind::pong:
      fuzz::require(incoming.payload.size() <= ws::kMaxControlPayload, "a control frame is short");
      break;
    case Kind::failure:
      fuzz::require(ws::may_be_sent(incoming.code) && !incoming.reason.empty(),
                    "a failure says why");
      break;
    case Kind::need_more:
      break;
  }
}

/// `inflater`: null without permessage-deflate.
Reading read(ws::Role role, std::uint64_t max_payload, ws::Inflater* inflater,
             std::vector<std::vector<std::uint8_t>> pieces) {
  ws::MessageAssembler assembler(role, max_payload);
  const ws::Inflation inflation{.inflater = inflater, .max_message = max_payload};
  Reading reading;
  for (auto& piece : pieces) {
    std::span<std::uint8_t> input(piece);
    while (true) {
      const ws::Incoming incoming = assembler.next(input, inflation);
      fuzz::require(inflater != nullptr || !incoming.compressed, "RFC 7692 6: it was agreed on");
      check_event(incoming, max_payload);
      if (incoming.kind == Kind::need_more) break;
      reading.events.push_back({incoming.kind, std::string(incoming.text()), incoming.code,
                                std::string(incoming.reason)});
      if (incoming.kind == Kind::failure) return reading;
    }
    fuzz::require(input.empty(), "need_more means all was taken");
  }
  reading.incomplete = assembler.incomplete();
  return reading;
}

void check(const fuzz::Stream& stream) {
  const ws::Role role = stream.choice(0) ? ws::Role::client : ws::Role::server;
  const std::uint64_t max_payload = stream.choice(1) ? 100 : 70000;
  ws::Inflater inflater;
  ws::Inflater* const agreed = stream.choice(2) ? &inflater : nullptr;
  const Reading whole = read(role, max_payload, agreed, stream.whole());
  const Reading split = read(role, max_payload, agreed, stream.pieces());
  fuzz::require(whole.events == split.events, "the same events");
  fuzz::require(whole.incomplete == split.incomplete, "incomplete at the same time");
}

}  // namespace
}  // namespace wscast

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < wscast::fuzz::Stream::kPrefix) return 0;
  wscast::check(wscast::fuzz::Stream(data, size));
  return 0;
}
