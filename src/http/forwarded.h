#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/ip_address.h"
#include "base/trusted_proxies.h"
#include "http/request_head.h"

namespace wscast::http {

/// How many hops of a request are looked at; what stands further left is not.
inline constexpr std::size_t kMaxForwardedHops = 32;

/// Finds the address of the client whose request a trusted proxy passed on. Reads `Forwarded` (RFC
/// 7239), or `X-Forwarded-For` if the request has no `Forwarded`, from the right, as long as each
/// hop is a trusted proxy itself: returns the first that is not, or the last that is. Several lines
/// are one list. A hop that is no address (`unknown`, `_hidden`, garbage, or one too many) ends the
/// walk before it. `std::nullopt`: there is no hop. Any thread.
std::optional<IpAddress> forwarded_client(const RequestHead& head, const TrustedProxies& trusted);

/// Reads the address of a hop as both fields write it: an IPv4 or IPv6 address, with a port or
/// without; an IPv6 address with a port is in brackets.
std::optional<IpAddress> parse_hop(std::string_view text);

}  // namespace wscast::http
