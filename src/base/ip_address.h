#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wscast {

/// An IPv4 or IPv6 address. A value. An IPv6 address that stands for an IPv4 one (RFC 4291 section
/// 2.5.5.2, `::ffff:192.0.2.1`) becomes that, so that one peer has one address.
class IpAddress {
 public:
  static constexpr std::size_t kIpv4Bytes = 4;
  static constexpr std::size_t kIpv6Bytes = 16;

  /// Reads `192.0.2.1` or `2001:db8::1`, without port, brackets or zone.
  static std::optional<IpAddress> parse(std::string_view text);

  /// The address of 4 or 16 bytes in network order; `std::nullopt` for another number.
  static std::optional<IpAddress> from_bytes(std::span<const std::uint8_t> bytes);

  /// In network order.
  std::span<const std::uint8_t> bytes() const { return std::span(bytes_).first(size_); }

  bool is_ipv4() const { return size_ == kIpv4Bytes; }
  std::string text() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  IpAddress() = default;

  std::array<std::uint8_t, kIpv6Bytes> bytes_{};  ///< Zero behind an IPv4 address.
  std::uint8_t size_ = 0;
};

}  // namespace wscast
