#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/counters.h"
#include "base/ip_address.h"
#include "base/trusted_proxies.h"
#include "http/request_head.h"
#include "net/address_limiter.h"
#include "net/admission.h"
#include "net/refusal_reserve.h"

namespace wscast::net {

/// What the connections of all proxies share. Outlives them.
struct ProxyContext {
  const TrustedProxies& trusted;
  AddressLimiter& addresses;
  RefusalReserve& refusals;
};

/// The client of a connection that a trusted proxy made. Learns its address from the PROXY header,
/// then from the fields of the request, and counts the connection at that address; one whose
/// address is not known, or is that of a trusted proxy, is not counted. Only such a connection has
/// one. Shard thread only, but address() is any thread's once the request was handled.
class ProxiedClient final : public Admission {
 public:
  explicit ProxiedClient(const ProxyContext& context) : context_(context) {}

  ProxiedClient* proxied() override { return this; }

  /// Handles what a PROXY header says; `std::nullopt`: nothing, so the fields of the request, which
  /// anybody may have written, are not read either. Returns false when the connection is to be
  /// closed at once: its address is over its limit, and too many are being refused already.
  bool on_header(const std::optional<IpAddress>& client, Counters& counters);

  /// Reads the fields of the request, if who made the connection is trusted.
  void on_request(const http::RequestHead& head, Counters& counters);

  /// Forgets what the fields of the request said: the next one may be another client's.
  void forget_request();

  /// `std::nullopt`: it is that of the socket's peer.
  const std::optional<IpAddress>& address() const { return address_; }

  /// The same, unless it is a trusted proxy's.
  std::optional<IpAddress> counted_address() const {
    return address_ && !context_.trusted.trusts(*address_) ? address_ : std::nullopt;
  }

  /// Whether its address has too many connections: its request gets a 503 response.
  bool over_limit() const { return over_limit_; }

 private:
  void set_address(const IpAddress& address, Counters& counters);

  const ProxyContext& context_;
  std::unique_ptr<Admission> counted_;
  std::optional<IpAddress> address_;
  std::optional<IpAddress> of_header_;  ///< What the PROXY header said.
  bool trusted_ = true;                 ///< Who wrote the fields of the request is a trusted proxy.
  bool over_limit_ = false;
};

}  // namespace wscast::net
