#include "base/address_range.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace wscast {
namespace {

constexpr unsigned kBitsPerByte = 8;

/// A decimal number without sign or leading zeros, at most `most`.
std::optional<unsigned> parse_bits(std::string_view text, unsigned most) {
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc() || end != text.data() + text.size() || bits > most) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return bits;
}

}  // namespace

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  const auto range = parse_loosely(text);
  if (!range || range->first_of(range->first_) != range->first_) return std::nullopt;
  return range;
}

std::optional<std::string> AddressRange::starting_at(std::string_view text) {
  const auto range = parse_loosely(text);
  if (!range || range->first_of(range->first_) == range->first_) return std::nullopt;
  return range->first_of(range->first_).text() + "/" + std::to_string(range->bits_);
}

/// Takes a set bit behind the first ones. An IPv4 address in the form of an IPv6 one has no BITS
/// that everybody would read alike.
std::optional<AddressRange> AddressRange::parse_loosely(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto all = static_cast<unsigned>(address->bytes().size()) * kBitsPerByte;
  if (slash == std::string_view::npos) return AddressRange(*address, all);
  const bool mapped = address->is_ipv4() && text.find(':') != std::string_view::npos;
  const auto bits = parse_bits(text.substr(slash + 1), all);
  if (!bits || mapped) return std::nullopt;
  return AddressRange(*address, *bits);
}

/// The first address of the network of this size that `address` is in.
IpAddress AddressRange::first_of(const IpAddress& address) const {
  std::array<std::uint8_t, IpAddress::kIpv6Bytes> bytes{};
  const auto from = address.bytes();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto before = static_cast<unsigned>(i) * kBitsPerByte;
    const unsigned kept = std::clamp(bits_, before, before + kBitsPerByte) - before;
    bytes[i] = static_cast<std::uint8_t>(from[i] & (0xff00U >> kept));
  }
  return IpAddress::from_bytes(std::span(bytes).first(from.size())).value_or(address);
}

bool AddressRange::contains(const IpAddress& address) const {
  return address.is_ipv4() == first_.is_ipv4() && first_of(address) == first_;
}

}  // namespace wscast
