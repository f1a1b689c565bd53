#include "net/proxy_header_parser.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::net {
namespace {

using namespace std::string_literals;
using Outcome = ProxyHeaderParser::Outcome;

constexpr std::uint8_t kTcp4 = 0x11;
constexpr std::uint8_t kTcp6 = 0x21;
constexpr std::uint8_t kUnix = 0x31;
const std::string kIpv4Addresses = "\xc0\x00\x02\x07\xcb\x00\x71\x02\x30\x39\x00\x50"s;

struct Reading {
  Outcome outcome;
  std::string client;  ///< Or why there is none.
  std::string rest;
  bool operator==(const Reading&) const = default;
};

Reading result_of(const ProxyHeaderParser& parser, Outcome outcome, std::string rest) {
  std::string client = parser.client() ? parser.client()->text() : "unnamed";
  if (outcome == Outcome::invalid) client = parser.reason();
  return {outcome, client, std::move(rest)};
}

Reading read_in_pieces(const std::string& bytes, std::size_t size) {
  ProxyHeaderParser parser;
  Outcome outcome = Outcome::need_more;
  std::string rest;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    const std::string piece = bytes.substr(at, size);
    std::span<const std::uint8_t> input(reinterpret_cast<const std::uint8_t*>(piece.data()),
                                        piece.size());
    outcome = parser.feed(input);
    rest += piece.substr(piece.size() - input.size());
  }
  return result_of(parser, outcome, rest);
}

/// However it is cut, the same comes out.
Reading read(const std::string& bytes) {
  const Reading whole = read_in_pieces(bytes, bytes.size());
  EXPECT_EQ(read_in_pieces(bytes, 1), whole) << testing::PrintToString(bytes);
  EXPECT_EQ(read_in_pieces(bytes, 7), whole) << testing::PrintToString(bytes);
  return whole;
}

/// Who is said to be the client, or why the header is not valid.
std::string client_of(const std::string& header) {
  const Reading reading = read(header + "GET /");
  EXPECT_EQ(reading.rest, reading.outcome == Outcome::complete ? "GET /" : reading.rest);
  EXPECT_NE(reading.outcome, Outcome::need_more) << testing::PrintToString(header);
  return reading.client;
}

/// A header of version 2.
std::string binary(std::uint8_t command, std::uint8_t family, const std::string& body) {
  std::string header = "\r\n\r\n\0\r\nQUIT\n"s;
  header += static_cast<char>(command);
  header += static_cast<char>(family);
  header += static_cast<char>(body.size() >> 8);
  header += static_cast<char>(body.size() & 0xff);
  return header + body;
}

std::string extension(std::uint8_t type, const std::string& value) {
  return std::string{static_cast<char>(type), '\0', static_cast<char>(value.size())} + value;
}

TEST(ProxyHeaderText, NamesTheClient) {
  EXPECT_EQ(client_of("PROXY TCP4 192.0.2.7 203.0.113.2 12345 80\r\n"), "192.0.2.7");
  EXPECT_EQ(client_of("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"),
            "255.255.255.255");
  EXPECT_EQ(client_of("PROXY TCP6 2001:db8::7 2001:db8::2 0 443\r\n"), "2001:db8::7");
  EXPECT_EQ(client_of("PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n"), "192.0.2.7");
}

TEST(ProxyHeaderText, MayNotKnowTheClient) {
  EXPECT_EQ(client_of("PROXY UNKNOWN\r\n"), "unnamed");
  EXPECT_EQ(client_of("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n"), "unnamed");
  EXPECT_EQ(client_of("PROXY UNKNOWN \x01 whatever\r\n"), "unnamed");
}

TEST(ProxyHeaderText, HasOneSpellingOnly) {
  for (const char* fields : {"TCP4 192.0.2.7 203.0.113.2 12345",
                             "TCP4 192.0.2.7 203.0.113.2 12345 80 ",
                             "TCP4 192.0.2.7 203.0.113.2 12345 80 x",
                             "TCP4  192.0.2.7 203.0.113.2 12345 80",
                             "TCP4 192.0.2.7 203.0.113.2 12345 080",
                             "TCP4 192.0.2.7 203.0.113.2 65536 80",
                             "TCP4 192.0.2.7 203.0.113.2 -1 80",
                             "TCP4 192.0.2.7 203.0.113.2 x 80",
                             "TCP4 192.0.2.7 203.0.113.2  80",
                             "TCP4 192.0.2.7 x 1 80",
                             "TCP4 192.0.2 203.0.113.2 1 80",
                             "TCP4 2001:db8::7 2001:db8::2 1 2",
                             "TCP6 192.0.2.7 203.0.113.2 1 2",
                             "TCP4 192.0.2.7 2001:db8::2 1 2",
                             "TCP5 192.0.2.7 203.0.113.2 1 2",
                             "tcp4 192.0.2.7 "
                             "203.0.113.2 1 2",
                             "UDP4 192.0.2.7 203.0.113.2 1 2",
                             "",
                             " ",
                             "TCP4",
                             "UNKNOWN2"}) {
    EXPECT_EQ(read("PROXY "s + fields + "\r\n").outcome, Outcome::invalid) << fields;
  }
}

TEST(ProxyHeaderText, IsOneLineOfLimitedLength) {
  const std::string longest = "PROXY UNKNOWN " + std::string(91, 'x') + "\r\n";
  ASSERT_EQ(longest.size(), ProxyHeaderParser::kMaxTextBytes);
  EXPECT_EQ(client_of(longest), "unnamed");
  EXPECT_EQ(client_of("PROXY UNKNOWN " + std::string(92, 'x') + "\r\n"), "its line is too long");
  EXPECT_EQ(client_of("PROXY UNKNOWN\n"), "its line does not end with CRLF");
  EXPECT_EQ(read("PROXY UNKNOWN\r").outcome, Outcome::need_more);
}

TEST(ProxyHeader, IsWhatTheConnectionBeginsWith) {
  for (const std::string& bytes :
       {"GET / HTTP/1.1\r\n"s, "proxy UNKNOWN\r\n"s, "PROXYUNKNOWN\r\n"s, "PROXZ"s, "\r\n\r\n\r"s,
        "\x16\x03\x01"s, "\0"s, " PROXY UNKNOWN\r\n"s, "\r\nGET"s}) {
    EXPECT_EQ(read(bytes).client, "the connection does not begin with it")
        << testing::PrintToString(bytes);
  }
  EXPECT_EQ(read("PROX").outcome, Outcome::need_more);
  EXPECT_EQ(read("").outcome, Outcome::need_more);
  EXPECT_EQ(read("\r\n\r\n\0\r\nQUIT"s).outcome, Outcome::need_more);
}

TEST(ProxyHeaderBinary, NamesTheClient) {
  EXPECT_EQ(client_of(binary(0x21, kTcp4, kIpv4Addresses)), "192.0.2.7");
  const std::string ipv6 = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x07" +
                           std::string(16, '\0') + "\x01\x02\x03\x04";
  EXPECT_EQ(client_of(binary(0x21, kTcp6, ipv6)), "2001:db8::7");
}

TEST(ProxyHeaderBinary, MayNameNobody) {
  EXPECT_EQ(client_of(binary(0x21, 0, "")), "unnamed");
  EXPECT_EQ(client_of(binary(0x21, kUnix, std::string(216, 'x'))), "unnamed");
}

TEST(ProxyHeaderBinary, OfTheProxysOwnConnectionSaysNothing) {
  EXPECT_EQ(client_of(binary(0x20, 0, "")), "unnamed");
  EXPECT_EQ(client_of(binary(0x20, kTcp4, kIpv4Addresses)), "unnamed");
  EXPECT_EQ(client_of(binary(0x20, 0xff, "anything")), "unnamed");
}

TEST(ProxyHeaderBinary, HasAKnownVersionCommandAndProtocol) {
  for (const std::uint8_t command : {0x00, 0x11, 0x22, 0x2f, 0x31, 0xff}) {
    EXPECT_EQ(client_of(binary(command, kTcp4, kIpv4Addresses)),
              "its version or command is not known");
  }
  for (const std::uint8_t family : {0x01, 0x10, 0x12, 0x22, 0x32, 0x13, 0x41, 0xff}) {
    EXPECT_EQ(client_of(binary(0x21, family, std::string(300, 'x'))), "its protocol is not known");
  }
}

TEST(ProxyHeaderBinary, HoldsItsAddresses) {
  EXPECT_EQ(client_of(binary(0x21, kTcp4, std::string(11, 'x'))),
            "it is too short for its addresses");
  EXPECT_EQ(client_of(binary(0x21, kTcp6, std::string(35, 'x'))),
            "it is too short for its addresses");
  EXPECT_EQ(client_of(binary(0x21, kUnix, std::string(215, 'x'))),
            "it is too short for its addresses");
  const std::string whole = binary(0x21, kTcp4, kIpv4Addresses);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(read(whole.substr(0, size)).outcome, Outcome::need_more) << size;
  }
}

TEST(ProxyHeaderBinary, MayHaveExtensionsWhichAreSkipped) {
  const std::string extensions = extension(0x04, "") + extension(0x02, "example.com") +
                                 extension(0xe0, std::string(200, '\xff'));
  EXPECT_EQ(client_of(binary(0x21, kTcp4, kIpv4Addresses + extensions)), "192.0.2.7");
  EXPECT_EQ(client_of(binary(0x21, 0, extensions)), "unnamed");
  for (std::size_t cut = 1; cut < 3; ++cut) {
    const std::string short_of = extension(0x02, "ab").substr(0, 5 - cut);
    EXPECT_EQ(client_of(binary(0x21, kTcp4, kIpv4Addresses + short_of)),
              "an extension in it is cut");
  }
  EXPECT_EQ(client_of(binary(0x21, kTcp4, kIpv4Addresses + "\x04\x00"s)),
            "an extension in it is cut");
}

TEST(ProxyHeaderBinary, IsHeldAgainstItsChecksum) {
  // CRC-32C of the header with a checksum of zero, as another implementation computes it.
  const std::string right = extension(0x03, "\x95\x9b\x44\x0d"s);
  EXPECT_EQ(client_of(binary(0x21, kTcp4, kIpv4Addresses + right)), "192.0.2.7");
  for (std::size_t at = 3; at < 7; ++at) {
    std::string wrong = right;
    wrong[at] = static_cast<char>(wrong[at] ^ 1);
    EXPECT_EQ(client_of(binary(0x21, kTcp4, kIpv4Addresses + wrong)), "its checksum is not valid");
  }
  EXPECT_EQ(client_of(binary(0x21, kTcp4, kIpv4Addresses + extension(0x03, "123"))),
            "its checksum is not valid");
}

TEST(ProxyHeaderBinary, HasALimitedLength) {
  const auto of_size = [](std::size_t size) {
    std::string body = kIpv4Addresses;
    while (16 + body.size() + 258 <= size) body += extension(0x04, std::string(255, '\0'));
    const std::size_t left = size - 16 - body.size();
    if (left > 0) body += extension(0x04, std::string(left - 3, '\0'));
    return binary(0x21, kTcp4, body);
  };
  ASSERT_EQ(of_size(2048).size(), ProxyHeaderParser::kMaxBinaryBytes);
  EXPECT_EQ(client_of(of_size(2048)), "192.0.2.7");
  EXPECT_EQ(client_of(of_size(2049)), "it is too long");
}

}  // namespace
}  // namespace wscast::net
