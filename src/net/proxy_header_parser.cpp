#include "net/proxy_header_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace wscast::net {
namespace {

constexpr std::string_view kTextStart = "PROXY ";
constexpr std::string_view kBinaryStart("\r\n\r\n\0\r\nQUIT\n", 12);

// Of a header of version 2, as byte offsets.
constexpr std::size_t kCommandAt = 12;
constexpr std::size_t kFamilyAt = 13;
constexpr std::size_t kLengthAt = 14;
constexpr std::size_t kAddressesAt = 16;

constexpr std::uint8_t kLocal = 0x20;
constexpr std::uint8_t kProxied = 0x21;

/// Addresses over a stream, as the byte at kFamilyAt says it.
struct Family {
  std::uint8_t code;
  std::size_t address_bytes;  ///< Of one; the two addresses come first.
  std::size_t bytes;          ///< Of both, and their ports.
};
constexpr std::uint8_t kUnspecified = 0x00;
constexpr std::uint8_t kUnixStream = 0x31;
constexpr std::array<Family, 4> kFamilies{{
    {kUnspecified, 0, 0},
    {0x11, IpAddress::kIpv4Bytes, 12},
    {0x21, IpAddress::kIpv6Bytes, 36},
    {kUnixStream, 108, 216},
}};

// What a header of version 2 says beside the addresses: one byte of type, two of length, a value.
constexpr std::size_t kExtensionHeadBytes = 3;
constexpr std::uint8_t kChecksumType = 0x03;
constexpr std::size_t kChecksumBytes = 4;

std::size_t read_16(std::span<const std::uint8_t> bytes) {
  return static_cast<std::size_t>(bytes[0]) << 8 | bytes[1];
}

std::uint32_t read_32(std::span<const std::uint8_t> bytes) {
  std::uint32_t number = 0;
  for (const std::uint8_t byte : bytes.first(sizeof number)) number = number << 8 | byte;
  return number;
}

/// CRC-32C (RFC 3720 appendix B.4).
std::uint32_t crc32c(std::span<const std::uint8_t> bytes) {
  constexpr std::uint32_t kPolynomial = 0x82f63b78;
  std::uint32_t crc = ~0U;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? kPolynomial : 0);
  }
  return ~crc;
}

/// Takes the text up to the next space off the front of `rest`.
std::string_view take_word(std::string_view& rest) {
  const std::size_t space = rest.find(' ');
  const std::string_view word = rest.substr(0, space);
  rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
  return word;
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool padded = text.size() > 1 && text.front() == '0';
  return error == std::errc() && end == text.data() + text.size() && !padded;
}

std::optional<IpAddress> parse_address(std::string_view text, bool ipv6) {
  if ((text.find(':') != std::string_view::npos) != ipv6) return std::nullopt;
  return IpAddress::parse(text);
}

}  // namespace

ProxyHeaderParser::Outcome ProxyHeaderParser::feed(std::span<const std::uint8_t>& input) {
  while (outcome_ == Outcome::need_more && !input.empty()) {
    header_.push_back(input.front());
    input = input.subspan(1);
    outcome_ = step();
  }
  return outcome_;
}

ProxyHeaderParser::Outcome ProxyHeaderParser::refuse(std::string_view reason) {
  reason_ = reason;
  return Outcome::invalid;
}

/// Looks at the header after each byte.
ProxyHeaderParser::Outcome ProxyHeaderParser::step() {
  if (header_.front() == kTextStart.front()) {
    return header_.size() <= kTextStart.size() ? begin() : read_text();
  }
  return header_.size() <= kBinaryStart.size() ? begin() : read_binary();
}

ProxyHeaderParser::Outcome ProxyHeaderParser::begin() {
  const std::string_view start = header_.front() == kTextStart.front() ? kTextStart : kBinaryStart;
  const std::size_t last = header_.size() - 1;
  if (header_[last] == static_cast<std::uint8_t>(start[last])) return Outcome::need_more;
  return refuse("the connection does not begin with it");
}

// Version 1: one line of text.

ProxyHeaderParser::Outcome ProxyHeaderParser::read_text() {
  const std::string_view line(reinterpret_cast<const char*>(header_.data()), header_.size());
  if (line.ends_with("\r\n")) {
    return read_text_addresses(line.substr(kTextStart.size(), line.size() - kTextStart.size() - 2));
  }
  if (line.ends_with('\n')) return refuse("its line does not end with CRLF");
  if (line.size() == kMaxTextBytes) return refuse("its line is too long");
  return Outcome::need_more;
}

ProxyHeaderParser::Outcome ProxyHeaderParser::read_text_addresses(std::string_view fields) {
  const std::string_view family = take_word(fields);
  if (family == "UNKNOWN") return Outcome::complete;  // What follows it has no meaning.
  const bool ipv6 = family == "TCP6";
  if (!ipv6 && family != "TCP4") return refuse("its protocol is not known");
  const auto source = parse_address(take_word(fields), ipv6);
  const auto target = parse_address(take_word(fields), ipv6);
  if (!source || !target) return refuse("an address in it is not valid");
  const std::string_view source_port = take_word(fields);
  if (!is_port(source_port) || !is_port(fields)) return refuse("a port in it is not valid");
  client_ = source;
  return Outcome::complete;
}

// Version 2: a binary head with a length, addresses, and extensions.

ProxyHeaderParser::Outcome ProxyHeaderParser::read_binary() {
  if (header_.size() < kAddressesAt) return Outcome::need_more;
  if (header_.size() == kAddressesAt) {
    if (const Outcome outcome = read_binary_head(); outcome != Outcome::need_more) return outcome;
  }
  const std::size_t size = kAddressesAt + read_16(std::span(header_).subspan(kLengthAt));
  return header_.size() < size ? Outcome::need_more : read_binary_addresses();
}

ProxyHeaderParser::Outcome ProxyHeaderParser::read_binary_head() {
  const std::uint8_t command = header_[kCommandAt];
  if (command != kLocal && command != kProxied)
    return refuse("its version or command is not known");
  const std::size_t length = read_16(std::span(header_).subspan(kLengthAt));
  if (kAddressesAt + length > kMaxBinaryBytes) return refuse("it is too long");
  if (command == kLocal) return Outcome::need_more;
  const auto* family = std::ranges::find(kFamilies, header_[kFamilyAt], &Family::code);
  if (family == kFamilies.end()) return refuse("its protocol is not known");
  if (length < family->bytes) return refuse("it is too short for its addresses");
  return Outcome::need_more;
}

/// The receiver of a LOCAL header ignores all that is in it.
ProxyHeaderParser::Outcome ProxyHeaderParser::read_binary_addresses() {
  if (header_[kCommandAt] == kLocal) return Outcome::complete;
  const auto* family = std::ranges::find(kFamilies, header_[kFamilyAt], &Family::code);
  if (family->code != kUnspecified && family->code != kUnixStream) {
    client_ =
        IpAddress::from_bytes(std::span(header_).subspan(kAddressesAt, family->address_bytes));
  }
  return check_extensions(kAddressesAt + family->bytes);
}

/// Nothing in them is used but the checksum of the header.
ProxyHeaderParser::Outcome ProxyHeaderParser::check_extensions(std::size_t begin) {
  while (begin < header_.size()) {
    if (header_.size() - begin < kExtensionHeadBytes) return refuse("an extension in it is cut");
    const std::uint8_t type = header_[begin];
    const std::size_t length = read_16(std::span(header_).subspan(begin + 1));
    begin += kExtensionHeadBytes;
    if (header_.size() - begin < length) return refuse("an extension in it is cut");
    if (type == kChecksumType) {
      if (length != kChecksumBytes) return refuse("its checksum is not valid");
      const auto checksum = std::span(header_).subspan(begin, length);
      const std::uint32_t sent = read_32(checksum);
      std::ranges::fill(checksum, std::uint8_t{0});  // As it was when the sender computed it.
      if (crc32c(header_) != sent) return refuse("its checksum is not valid");
    }
    begin += length;
  }
  return Outcome::complete;
}

}  // namespace wscast::net
