#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/ip_address.h"

namespace wscast::net {

/// Parses the header that a proxy sends before the first byte of a connection, version 1 or 2 of
/// the PROXY protocol (haproxy.org, proxy-protocol.txt), from bytes as they come, without I/O.
/// Consumes the header and no byte behind it. Shard thread only.
class ProxyHeaderParser {
 public:
  /// The longest header of version 1, with its CRLF, and the longest of version 2, with what it
  /// says beside the addresses.
  static constexpr std::size_t kMaxTextBytes = 107;
  static constexpr std::size_t kMaxBinaryBytes = 2048;

  enum class Outcome : std::uint8_t {
    need_more,  ///< The input is used up.
    complete,   ///< client() is known; what follows stays in the input.
    invalid,    ///< reason() says why.
  };

  /// Consumes bytes from the front of `input`. After `complete` or `invalid` consumes nothing and
  /// returns the same again.
  Outcome feed(std::span<const std::uint8_t>& input);

  /// After `complete`: who connected to the proxy. `std::nullopt`: the header does not say, since
  /// the proxy itself has made the connection (LOCAL), or does not know (UNKNOWN, no IP address).
  const std::optional<IpAddress>& client() const { return client_; }

  /// After `invalid`; a literal, in words.
  std::string_view reason() const { return reason_; }

 private:
  Outcome step();
  Outcome begin();
  Outcome read_text();
  Outcome read_text_addresses(std::string_view fields);
  Outcome read_binary();
  Outcome read_binary_head();
  Outcome read_binary_addresses();
  Outcome check_extensions(std::size_t begin);
  Outcome refuse(std::string_view reason);

  std::vector<std::uint8_t> header_;  ///< What came of it.
  std::optional<IpAddress> client_;
  std::string_view reason_;
  Outcome outcome_ = Outcome::need_more;
};

}  // namespace wscast::net
