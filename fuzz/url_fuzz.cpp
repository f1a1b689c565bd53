// Feeds one text to everything that reads an address: where to listen, where to connect to, and
// where Redis is.

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/redis/discovery/redis_url.h"
#include "client/url.h"
#include "net/endpoint.h"
#include "stream.h"

namespace {

using namespace wscast;
using fuzz::require;

void check_listen_address(std::string_view text) {
  const auto endpoint = net::Endpoint::parse(text);
  if (!endpoint) return;
  const auto again = net::Endpoint::parse(endpoint->text());
  require(again && again->text() == endpoint->text(), "an address is read as it is written");
  require(endpoint->path().empty() || endpoint->host().empty(), "a path has no host");
}

void check_connect_address(std::string_view text) {
  if (const auto endpoint = client::parse_endpoint(text)) {
    require(endpoint->unix_path.empty() ? !endpoint->host.empty()
                                        : endpoint->unix_path.starts_with('/'),
            "there is a host or a path");
  }
  const auto url = client::parse_url(text);
  if (!url) return;
  require(url->target.starts_with('/'), "a target is a path");
  require(url->endpoint.port != 0 || !url->endpoint.unix_path.empty(), "there is a port");
  const std::string host = client::host_header(url->endpoint);
  for (const std::string_view sent : {std::string_view(url->target), std::string_view(host)}) {
    require(sent.find_first_of("\r\n ") == std::string_view::npos, "a URL adds no header");
  }
}

void check_redis_url(std::string_view text) {
  std::string fault;
  const auto url = redis::parse_redis_url(text, fault);
  require(url.has_value() == fault.empty(), "there is a URL, or a fault");
  if (!url) {
    require(fault.find_first_of("\r\n") == std::string::npos, "a fault is one line");
    return;
  }
  require(!url->hosts.empty(), "there is a host");
  require(url->database >= 0, "a database is a number");
  const bool sentinel = url->kind == redis::RedisUrl::Kind::sentinel;
  require(sentinel != url->master_name.empty(), "Sentinels are asked for a name");
  for (const auto& host : url->hosts) require(!host.text().empty(), "a host has a name");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_listen_address(text);
  check_connect_address(text);
  check_redis_url(text);
  return 0;
}
