// Reads one stream as what a connection begins with where a PROXY header is due, whole and in
// pieces.

#include <string>
#include <vector>

#include "net/proxy_header_parser.h"
#include "stream.h"

namespace wscast::net {
namespace {

using fuzz::require;
using Outcome = ProxyHeaderParser::Outcome;

struct Reading {
  Outcome outcome = Outcome::need_more;
  std::string client;
  std::string_view reason;
  std::size_t consumed = 0;
  bool operator==(const Reading&) const = default;
};

Reading read(const std::vector<std::vector<std::uint8_t>>& pieces) {
  ProxyHeaderParser parser;
  Reading reading;
  for (const auto& piece : pieces) {
    std::span<const std::uint8_t> input(piece);
    reading.outcome = parser.feed(input);
    reading.consumed += piece.size() - input.size();
    require(reading.outcome != Outcome::need_more || input.empty(), "need_more takes all");
  }
  if (parser.client()) reading.client = parser.client()->text();
  reading.reason = parser.reason();
  return reading;
}

void check(const fuzz::Stream& stream) {
  const auto pieces = stream.whole();
  const Reading whole = read(pieces);
  require(whole == read(stream.pieces()), "pieces change nothing");
  require(whole.consumed <= ProxyHeaderParser::kMaxBinaryBytes, "a header is within its limit");
  require((whole.outcome == Outcome::invalid) == !whole.reason.empty(), "a refusal says why");
  const auto& bytes = pieces.front();
  if (whole.outcome == Outcome::complete && bytes.front() == 'P') {
    const std::string line(bytes.begin(), bytes.begin() + static_cast<long>(whole.consumed));
    require(line.size() <= ProxyHeaderParser::kMaxTextBytes, "a line is within its limit");
    require(line.find("\r\n") == line.size() - 2, "a header of version 1 is one line");
    require(whole.client.empty() == line.starts_with("PROXY UNKNOWN"), "it names who is known");
  }
  if (whole.outcome == Outcome::complete && bytes.front() != 'P') {
    require(whole.consumed == 16U + bytes[14] * 256U + bytes[15],
            "a header has the length it says");
  }
}

}  // namespace
}  // namespace wscast::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < wscast::fuzz::Stream::kPrefix) return 0;
  wscast::net::check(wscast::fuzz::Stream(data, size));
  return 0;
}
