#include <string>
#include <utility>

#include "http/request_parser.h"
#include "stream.h"
#include "ws/opening_handshake.h"

namespace wscast {
namespace {

using Outcome = http::RequestParser::Outcome;

struct Limits {
  std::size_t max_bytes;
  std::size_t max_fields;
};

/// How a request was read, and what the response to it is.
struct Reading {
  Outcome outcome = Outcome::need_more;
  int status = 0;
  std::string reason;
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string response;
  std::size_t consumed = 0;
  bool operator==(const Reading&) const = default;
};

void validate(const http::RequestHead& head, std::span<const std::string> supported,
              Reading& reading) {
  reading.method = head.method;
  reading.target = head.target;
  for (const auto& field : head.fields) reading.fields.emplace_back(field.name, field.value);

  const ws::UpgradeResult result = ws::validate_upgrade(head, supported);
  reading.status = result.status;
  reading.reason = result.reason;
  if (result.status != 101) {
    fuzz::require(!result.reason.empty(), "a refusal says why");
    return;
  }
  reading.response = ws::upgrade_response(result);
  std::size_t lines = 0;
  for (const char c : reading.response) lines += c == '\n' ? 1 : 0;
  fuzz::require(lines == (result.protocol.empty() ? 5u : 6u), "a request adds no line");
}

Reading read(const Limits& limits, std::span<const std::string> supported,
             std::vector<std::vector<std::uint8_t>> pieces) {
  http::RequestParser parser(limits.max_bytes, limits.max_fields);
  Reading reading;
  for (auto& piece : pieces) {
    std::span<std::uint8_t> input(piece);
    reading.outcome = parser.feed(input);
    reading.consumed += piece.size() - input.size();
    if (reading.outcome == Outcome::complete) validate(parser.head(), supported, reading);
    if (reading.outcome != Outcome::need_more) break;
    fuzz::require(input.empty(), "need_more means all was taken");
  }
  if (reading.outcome == Outcome::refused) {
    reading.status = parser.status();
    reading.reason = parser.reason();
    fuzz::require(!reading.reason.empty(), "a refusal says why");
    fuzz::require(reading.status == 400 || reading.status == 431, "a refusal has its status");
  }
  fuzz::require(reading.consumed <= limits.max_bytes, "a head is within the limit");
  fuzz::require(reading.fields.size() <= limits.max_fields, "fields are within the limit");
  return reading;
}

void check(const fuzz::Stream& stream) {
  const Limits limits = stream.choice(0) ? Limits{300, 8} : Limits{16384, 100};
  std::vector<std::string> supported;
  if (stream.choice(1)) supported = {"chat", "b"};
  const Reading whole = read(limits, supported, stream.whole());
  const Reading split = read(limits, supported, stream.pieces());
  fuzz::require(whole == split, "the same result");
}

}  // namespace
}  // namespace wscast

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < wscast::fuzz::Stream::kPrefix) return 0;
  wscast::check(wscast::fuzz::Stream(data, size));
  return 0;
}
