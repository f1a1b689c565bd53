#pragma once

#include <string>
#include <vector>

#include "base/address_range.h"

namespace wscast {

/// The proxies whose word on their clients' addresses is believed
/// (`TransportOptions::trusted_proxies`). Any thread.
class TrustedProxies {
 public:
  /// The entry that stands for every peer of a Unix socket.
  static constexpr std::string_view kUnix = "unix";

  /// An entry that is neither a network, an address nor `unix` trusts nobody.
  explicit TrustedProxies(const std::vector<std::string>& entries);

  bool trusts(const IpAddress& address) const;
  bool trusts_unix() const { return unix_; }
  bool empty() const { return ranges_.empty() && !unix_; }

 private:
  std::vector<AddressRange> ranges_;
  bool unix_ = false;
};

}  // namespace wscast
