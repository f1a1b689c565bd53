#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.h"

namespace wscast {

/// A network of addresses that begin with the same bits, such as `10.0.0.0/8`. A value.
class AddressRange {
 public:
  /// Reads `ADDRESS/BITS`, or an address, which is a network of one. `std::nullopt` for anything
  /// else, also when a bit behind the first BITS is set: see starting_at().
  static std::optional<AddressRange> parse(std::string_view text);

  /// What `text` would have to be, when it is `ADDRESS/BITS` with a bit set behind the first BITS:
  /// `10.0.0.0/8` for `10.1.2.3/8`. `std::nullopt` if that is not what is wrong with it.
  static std::optional<std::string> starting_at(std::string_view text);

  bool contains(const IpAddress& address) const;

 private:
  AddressRange(const IpAddress& first, unsigned bits) : first_(first), bits_(bits) {}

  static std::optional<AddressRange> parse_loosely(std::string_view text);
  IpAddress first_of(const IpAddress& address) const;

  IpAddress first_;
  unsigned bits_;  ///< The number that all addresses have in common.
};

}  // namespace wscast
