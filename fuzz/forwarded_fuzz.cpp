// Reads a text, line by line, as what clients and proxies wrote into Forwarded or X-Forwarded-For.
// Whatever it is, the proxy's own hop behind it counts.

#include <algorithm>
#include <string>
#include <vector>

#include "http/forwarded.h"
#include "stream.h"

namespace wscast::http {
namespace {

using fuzz::require;
using Found = std::optional<IpAddress>;

Found client_of(const std::vector<HeaderField>& fields) {
  static const TrustedProxies trusted({"10.0.0.0/8", "2001:db8:1::/48"});
  return forwarded_client({.method = "GET", .target = "/", .fields = fields}, trusted);
}

std::vector<HeaderField> fields_of(std::string_view name, std::string_view text) {
  std::vector<HeaderField> fields;
  while (true) {
    const std::size_t end = text.find('\n');
    fields.push_back({name, text.substr(0, end)});
    if (end == std::string_view::npos) return fields;
    text.remove_prefix(end + 1);
  }
}

/// The same with one more hop, on the last line and on one of its own.
void check_hop(std::string_view name, const std::string& text, const std::string& hop,
               const Found& expected) {
  const std::string same_line = text + ", " + hop;
  const std::string next_line = text + "\n" + hop;
  require(client_of(fields_of(name, same_line)) == expected, "a hop on the same line counts");
  require(client_of(fields_of(name, next_line)) == expected, "a hop on a new line counts");
}

/// Of so few hops that the limit says nothing.
bool is_short(const std::string& text) {
  return std::ranges::count(text, ',') + std::ranges::count(text, '\n') + 3 <
         static_cast<std::ptrdiff_t>(kMaxForwardedHops);
}

void check(std::string_view name, const std::string& prefix, const std::string& text) {
  const Found found = client_of(fields_of(name, text));
  require(!found || IpAddress::parse(found->text()) == found, "what is found is an address");
  const Found client = IpAddress::parse("192.0.2.1");
  check_hop(name, text, prefix + "192.0.2.1", client);
  check_hop(name, text, prefix + "\"[2001:db8::7]:80\"",
            prefix.empty() ? std::nullopt : IpAddress::parse("2001:db8::7"));
  if (is_short(text)) {
    const Found proxy = IpAddress::parse("10.0.0.1");
    check_hop(name, text, prefix + "10.0.0.1", found ? found : proxy);
  }
}

}  // namespace
}  // namespace wscast::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  wscast::http::check("Forwarded", "for=", text);
  wscast::http::check("X-Forwarded-For", "", text);
  return 0;
}
