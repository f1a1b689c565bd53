#include "net/proxied_client.h"

#include "http/forwarded.h"

namespace wscast::net {

bool ProxiedClient::on_header(const std::optional<IpAddress>& client, Counters& counters) {
  trusted_ = client && context_.trusted.trusts(*client);
  of_header_ = client;
  if (!client) return true;
  set_address(*client, counters);
  if (!over_limit_) return true;
  counted_ = context_.refusals.admit();
  if (!counted_) counters.add(Counter::connections_discarded);
  return counted_ != nullptr;
}

void ProxiedClient::on_request(const http::RequestHead& head, Counters& counters) {
  if (!trusted_) return;
  if (const auto client = http::forwarded_client(head, context_.trusted)) {
    set_address(*client, counters);
  }
}

void ProxiedClient::forget_request() {
  if (!trusted_) return;
  address_ = of_header_;
  counted_.reset();
}

void ProxiedClient::set_address(const IpAddress& address, Counters& counters) {
  address_ = address;
  if (context_.trusted.trusts(address)) return;
  auto result = context_.addresses.admit(address);
  counted_ = std::move(result.admission);
  over_limit_ = !result.admitted;
  if (over_limit_) counters.add(Counter::connections_refused_address);
}

}  // namespace wscast::net
