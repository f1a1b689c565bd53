// What a server responds to the upgrade request of our client.

#include <cstdint>
#include <string>
#include <string_view>

#include "client/upgrade.h"
#include "stream.h"
#include "ws/opening_handshake.h"

namespace {

using namespace wscast;
using fuzz::require;

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto head = client::parse_response_head(text);
  if (!head) return 0;
  require(head->status >= 100 && head->status <= 999, "a status has three digits");
  for (const auto& field : head->headers) {
    require(field.value.find_first_of("\r\n") == std::string::npos, "a header is one line");
  }
  if (!client::grants_upgrade(*head, kKey)) return 0;
  require(head->status == 101, "an upgrade has its status");
  require(head->header("sec-websocket-accept") == ws::accept_key(kKey), "and the key's proof");
  return 0;
}
