#include "http/request_parser.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::http {
namespace {

using Outcome = RequestParser::Outcome;

constexpr std::size_t kMaxBytes = 16384;
constexpr std::size_t kMaxFields = 100;

/// How a text was read, in a form that can be compared.
struct Reading {
  Outcome outcome = Outcome::need_more;
  int status = 0;
  std::string reason;
  std::string method;
  std::string target;
  int version = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string rest;  ///< What was left in the input, and what was not fed.

  bool operator==(const Reading&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Reading& reading) {
  return out << static_cast<int>(reading.outcome) << ' ' << reading.status << ' ' << reading.reason
             << ' ' << reading.method << ' ' << reading.target << " rest: " << reading.rest;
}

/// Reads `text` in pieces of the given sizes, each in memory of its own that is gone before the
/// next is fed; the last piece is what is left.
Reading read_pieces(std::string_view text, const std::vector<std::size_t>& sizes) {
  RequestParser parser(kMaxBytes, kMaxFields);
  Reading reading;
  std::vector<std::uint8_t> memory;
  std::span<std::uint8_t> input;
  std::size_t fed = 0;
  for (std::size_t i = 0; i <= sizes.size() && reading.outcome == Outcome::need_more; ++i) {
    const std::size_t left = text.size() - fed;
    const std::size_t size = i < sizes.size() ? std::min(sizes[i], left) : left;
    std::ranges::fill(memory, std::uint8_t{0});
    memory = std::vector<std::uint8_t>(text.begin() + fed, text.begin() + fed + size);
    fed += size;
    input = memory;
    reading.outcome = parser.feed(input);
  }
  reading.status = parser.status();
  reading.reason = parser.reason();
  reading.rest.assign(input.begin(), input.end());
  reading.rest += text.substr(fed);
  if (reading.outcome != Outcome::complete) return reading;
  reading.method = parser.head().method;
  reading.target = parser.head().target;
  reading.version = parser.head().version;
  for (const auto& field : parser.head().fields)
    reading.fields.emplace_back(field.name, field.value);
  return reading;
}

/// Reads `text` whole, split at every byte, and byte by byte; all must agree.
Reading read(std::string_view text) {
  const Reading whole = read_pieces(text, {});
  for (std::size_t at = 0; at < text.size(); ++at) {
    const Reading split = read_pieces(text, {at});
    EXPECT_EQ(whole, split) << "split at " << at << " of " << text;
    if (!(whole == split)) return whole;
  }
  EXPECT_EQ(whole, read_pieces(text, std::vector<std::size_t>(text.size(), 1))) << text;
  return whole;
}

std::string with_fields(std::string_view fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

void expect_refused(std::string_view text, std::string_view reason, int status = 400) {
  const Reading reading = read(text);
  EXPECT_EQ(reading.outcome, Outcome::refused) << text;
  EXPECT_EQ(reading.status, status) << text;
  EXPECT_EQ(reading.reason, reason) << text;
}

std::string target_of(std::string_view request_line) {
  const Reading reading = read(std::string(request_line) + " HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(reading.outcome, Outcome::complete) << request_line;
  return reading.target;
}

TEST(RequestParser, ReadsMethodTargetVersionAndFieldsInTheOrderSent) {
  const Reading reading = read(
      "GET /ws?a=b HTTP/1.1\r\nHost: example.com:8080\r\nX-A: 1\r\nx-b:\r\n"
      "X-A:\t two words \t\r\n\r\n");
  EXPECT_EQ(reading.outcome, Outcome::complete);
  EXPECT_EQ(reading.method, "GET");
  EXPECT_EQ(reading.target, "/ws?a=b");
  EXPECT_EQ(reading.version, 11);
  const std::vector<std::pair<std::string, std::string>> expected{
      {"Host", "example.com:8080"}, {"X-A", "1"}, {"x-b", ""}, {"X-A", "two words"}};
  EXPECT_EQ(reading.fields, expected);
}

TEST(RequestParser, U4_LeavesWhatFollowsTheHeadInTheInput) {
  const std::string frames("\x81\x80\x00\x01\r\n\r\n\xff", 9);
  const Reading reading = read(with_fields("") + frames);
  EXPECT_EQ(reading.outcome, Outcome::complete);
  EXPECT_EQ(reading.rest, frames);
}

TEST(RequestParser, NeedsMoreUntilTheEmptyLineIsWhole) {
  const std::string text = with_fields("A: b\r\n");
  EXPECT_EQ(read(std::string_view(text).substr(0, text.size() - 1)).outcome, Outcome::need_more);
  EXPECT_EQ(read("").outcome, Outcome::need_more);
}

TEST(RequestParser, KnowsWhetherAnyByteHasCome) {
  RequestParser parser(kMaxBytes, kMaxFields);
  EXPECT_FALSE(parser.begun());
  std::uint8_t byte = 'G';
  std::span<std::uint8_t> input(&byte, 1);
  parser.feed(input);
  EXPECT_TRUE(parser.begun());
}

TEST(RequestParser, ReturnsTheSameAfterTheEndAndConsumesNothing) {
  for (std::string text : {with_fields(""), with_fields("A b\r\n")}) {
    RequestParser parser(kMaxBytes, kMaxFields);
    std::span<std::uint8_t> input(reinterpret_cast<std::uint8_t*>(text.data()), text.size());
    const Outcome outcome = parser.feed(input);
    EXPECT_NE(outcome, Outcome::need_more);
    std::uint8_t more = 'x';
    input = {&more, 1};
    EXPECT_EQ(parser.feed(input), outcome);
    EXPECT_EQ(input.size(), 1u);
  }
}

TEST(RequestParser, ParsesAHeadThatComesInOnePieceInPlace) {
  std::string text = with_fields("");
  RequestParser parser(kMaxBytes, kMaxFields);
  std::span<std::uint8_t> input(reinterpret_cast<std::uint8_t*>(text.data()), text.size());
  ASSERT_EQ(parser.feed(input), Outcome::complete);
  EXPECT_EQ(parser.head().method.data(), text.data());
}

TEST(RequestParser, ForgivesOneEmptyLineBeforeTheRequest) {
  EXPECT_EQ(read("\r\n" + with_fields("")).outcome, Outcome::complete);
  expect_refused("\r\n\r\n", "Malformed method");
}

TEST(RequestParser, AcceptsHttp1_0AndRefusesEveryOtherVersion) {
  EXPECT_EQ(read("GET / HTTP/1.0\r\n\r\n").version, 10);
  for (const char* version :
       {"HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/1", "http/1.1", "HTTP/11"}) {
    expect_refused("GET / " + std::string(version) + "\r\nHost: a\r\n\r\n",
                   "HTTP version must be 1.0 or 1.1");
  }
}

TEST(RequestParser, RefusesAMalformedRequestLine) {
  expect_refused("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "Malformed request target");
  expect_refused("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP version must be 1.0 or 1.1");
  expect_refused("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", "Malformed method");
  expect_refused(" GET / HTTP/1.1\r\nHost: a\r\n\r\n", "Malformed method");
  expect_refused("GET\r\n\r\n", "Malformed method");
}

TEST(RequestParser, ReducesAnAbsoluteTargetToItsPath) {
  EXPECT_EQ(target_of("GET http://example.com/ws?x"), "/ws?x");
  EXPECT_EQ(target_of("GET HTTPS://example.com:1/ws"), "/ws");
  EXPECT_EQ(target_of("GET wss://[::1]:1/"), "/");
  EXPECT_EQ(target_of("GET ws://example.com"), "/");
  EXPECT_EQ(target_of("GET http://example.com?x"), "/?x");
}

TEST(RequestParser, AcceptsTheOtherFormsOfTargetsOnlyWithTheirMethods) {
  EXPECT_EQ(target_of("OPTIONS *"), "*");
  EXPECT_EQ(target_of("CONNECT example.com:443"), "example.com:443");
  for (const char* line :
       {"GET *", "GET example.com:443", "GET ws", "GET ftp://a/", "GET http://", "GET http:///ws",
        "GET http://u@a/", "GET /a#b", "GET /\xc3\xa9", "GET http://a\xc3\xa9/"}) {
    expect_refused(std::string(line) + " HTTP/1.1\r\nHost: a\r\n\r\n", "Malformed request target");
  }
}

TEST(RequestParser, RefusesAMissingHostOfHttp1_1) {
  expect_refused("GET / HTTP/1.1\r\n\r\n", "Missing Host");
}

TEST(RequestParser, RefusesARepeatedOrMalformedHost) {
  expect_refused(with_fields("host: a\r\n"), "Repeated Host");
  for (const char* host : {"a, b", "a b", "a/b", "u@a", "a?", "\xc3\xa9"}) {
    expect_refused("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n", "Malformed Host");
  }
  EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: \r\n\r\n").outcome, Outcome::complete);
  EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n").outcome, Outcome::complete);
}

TEST(RequestParser, RefusesFoldedLines) {
  expect_refused(with_fields("A: b\r\n c\r\n"), "Folded header line");
  expect_refused(with_fields("A:\r\n\tc\r\n"), "Folded header line");
  expect_refused("GET / HTTP/1.1\r\n Host: a\r\n\r\n", "Folded header line");
}

TEST(RequestParser, RefusesControlCharactersAndBareLineEndsAtThatByte) {
  constexpr std::string_view kReason = "Control character in the request";
  for (const char c : {'\0', '\1', '\n', '\v', '\x1f', '\x7f'}) {
    expect_refused(with_fields("A: b" + std::string(1, c) + "c\r\n"), kReason);
    expect_refused("GET /" + std::string(1, c), kReason);
  }
  expect_refused("GET / HTTP/1.1\n", kReason);
  expect_refused(with_fields("A: b\rc\r\n"), kReason);
  expect_refused(with_fields("A: b\r\r\n"), kReason);
  expect_refused("\x16\x03\x01", kReason);  // a TLS client on a plain port
  EXPECT_EQ(read(with_fields("A: b\tc\xff\r\n")).outcome, Outcome::complete);
}

TEST(RequestParser, RefusesMalformedFieldNames) {
  for (const char* field : {"A : b", "A\t: b", ": b", "A b", "A(: b", "\xc3\xa9: b"}) {
    expect_refused(with_fields(std::string(field) + "\r\n"), "Malformed header name");
  }
}

TEST(RequestParser, RefusesEveryTransferEncodingButChunked) {
  constexpr std::string_view kReason = "Transfer-Encoding must be chunked";
  for (const char* coding : {"xchunked", "chunkedx", "gzip, chunked", "chunked, identity",
                             "identity", "", "\"chunked\"", "chunked;q=1", "\vchunked"}) {
    const bool control = coding[0] == '\v';
    expect_refused(with_fields("Transfer-Encoding: " + std::string(coding) + "\r\n"),
                   control ? "Control character in the request" : kReason);
  }
  EXPECT_EQ(read(with_fields("Transfer-Encoding: Chunked\r\n")).outcome, Outcome::complete);
}

TEST(RequestParser, RefusesTransferEncodingTwiceOrInHttp1_0) {
  const Reading twice =
      read(with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_EQ(twice.status, 400);
  const Reading mixed =
      read(with_fields("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_EQ(mixed.status, 400);
  expect_refused("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
                 "Transfer-Encoding in HTTP/1.0");
}

TEST(RequestParser, RefusesContradictingBodyLengths) {
  for (const char* fields :
       {"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Content-Length: 0\r\ntransfer-encoding: xchunked\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n",
        "Content-Length: 4\r\nA: b\r\ncontent-length: 0\r\n", "Content-Length: 4, 5\r\n"}) {
    EXPECT_EQ(read(with_fields(fields)).status, 400) << fields;
  }
  EXPECT_EQ(read(with_fields("Content-Length: 4\r\nContent-Length: 4\r\n")).outcome,
            Outcome::complete);
}

TEST(RequestParser, RefusesAContentLengthThatIsNoNumber) {
  for (const char* length : {"", "+4", "-4", "0x4", "4 4", "4,4", "4;", "99999999999999999999"}) {
    expect_refused(with_fields("Content-Length: " + std::string(length) + "\r\n"),
                   "Malformed Content-Length");
  }
  EXPECT_EQ(read(with_fields("Content-Length: 18446744073709551615\r\n")).outcome,
            Outcome::complete);
}

TEST(RequestParser, RefusesMoreFieldsThanAllowedWith431) {
  std::string fields;
  for (std::size_t i = 1; i < kMaxFields; ++i) fields += "A: b\r\n";
  EXPECT_EQ(read(with_fields(fields)).outcome, Outcome::complete);
  expect_refused(with_fields(fields + "A: b\r\n"), "Too many header fields", 431);

  fields.clear();
  for (int i = 0; i < 2000; ++i) fields += "A: b\r\n";
  const std::string text = with_fields(fields);
  const Reading whole = read_pieces(text, {});
  EXPECT_EQ(whole.status, 431);
  EXPECT_EQ(whole, read_pieces(text, std::vector<std::size_t>(text.size(), 1)));
}

/// A request of exactly `size` bytes.
std::string request_of_size(std::size_t size) {
  const std::size_t around = with_fields("A: \r\n").size();
  return with_fields("A: " + std::string(size - around, 'x') + "\r\n");
}

TEST(RequestParser, RefusesMoreBytesThanAllowedWith431) {
  for (const std::size_t piece : {std::size_t{1} << 30, std::size_t{1000}, std::size_t{1}}) {
    const std::vector<std::size_t> pieces(kMaxBytes + 1, piece);
    EXPECT_EQ(read_pieces(request_of_size(kMaxBytes), pieces).outcome, Outcome::complete);
    const Reading longer = read_pieces(request_of_size(kMaxBytes + 1), pieces);
    EXPECT_EQ(longer.status, 431);
    EXPECT_EQ(longer.reason, "Request header too long");
  }
}

TEST(RequestParser, RefusesALineOfOneMebibyteAtTheLimit) {
  const std::string text = request_of_size(std::size_t{1} << 20);
  const Reading reading = read_pieces(text, std::vector<std::size_t>(text.size(), 1));
  EXPECT_EQ(reading.status, 431);
  EXPECT_EQ(reading.rest.size(), text.size() - kMaxBytes);
}

TEST(RequestParser, BeastsOwnLimitsDoNotBiteBeforeOurs) {
  std::string text = request_of_size(std::size_t{1} << 20);
  RequestParser parser(text.size(), kMaxFields);
  std::span<std::uint8_t> input(reinterpret_cast<std::uint8_t*>(text.data()), text.size());
  EXPECT_EQ(parser.feed(input), Outcome::complete);
}

}  // namespace
}  // namespace wscast::http
