#include "base/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>

namespace wscast {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped_ipv4(std::span<const std::uint8_t> bytes) {
  return bytes.size() == IpAddress::kIpv6Bytes &&
         std::ranges::equal(bytes.first(kMappedPrefix.size()), kMappedPrefix);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  if (text.find('\0') != std::string_view::npos) return std::nullopt;  // Would end it early.
  const std::string terminated(text);
  std::array<std::uint8_t, kIpv6Bytes> bytes{};
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) {
    return from_bytes(std::span(bytes).first(kIpv4Bytes));
  }
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return from_bytes(bytes);
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::from_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != kIpv4Bytes && bytes.size() != kIpv6Bytes) return std::nullopt;
  if (is_mapped_ipv4(bytes)) bytes = bytes.last(kIpv4Bytes);
  IpAddress address;
  std::ranges::copy(bytes, address.bytes_.begin());
  address.size_ = static_cast<std::uint8_t>(bytes.size());
  return address;
}

std::string IpAddress::text() const {
  char out[INET6_ADDRSTRLEN] = "";
  inet_ntop(is_ipv4() ? AF_INET : AF_INET6, bytes_.data(), out, sizeof out);
  return out;
}

}  // namespace wscast
