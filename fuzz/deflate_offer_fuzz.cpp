#include <array>
#include <string>

#include "stream.h"
#include "ws/extension_list.h"
#include "ws/permessage_deflate.h"

namespace wscast {
namespace {

/// Whether the text stands in the response as a parameter of its own.
bool names(std::string_view response, std::string_view parameter) {
  return response.find(parameter) != std::string_view::npos;
}

void check_accepted(std::string_view offers, const ws::AcceptedDeflateOffer& accepted,
                    std::uint8_t most) {
  const std::string& response = accepted.response;
  fuzz::require(ws::is_extension_list(offers), "what is accepted was a list");
  fuzz::require(accepted.agreement.server_window_bits >= ws::kMinWindowBits &&
                    accepted.agreement.server_window_bits <= most,
                "T7: the server's window is one that it has");
  fuzz::require(accepted.agreement.client_window_bits >= 8 &&
                    accepted.agreement.client_window_bits <= ws::kMaxWindowBits,
                "T7: the client's window is 8 to 15");
  fuzz::require(names(response, "server_no_context_takeover") &&
                    names(response, "client_no_context_takeover"),
                "T7: no context is taken over");
  fuzz::require(
      !names(response, "client_max_window_bits") || names(offers, "client_max_window_bits"),
      "RFC 7692 7.1.2.2: it was offered");
  const auto agreement = ws::read_deflate_response(response, {});
  fuzz::require(agreement == accepted.agreement, "a client reads what the server has agreed on");
}

void check(std::string_view text, std::uint8_t most) {
  const std::array values{text};
  if (const auto accepted = ws::accept_deflate_offer(values, most)) {
    check_accepted(text, *accepted, most);
  }
  const auto list = ws::parse_extension_list(text);
  fuzz::require(list.has_value() == ws::is_extension_list(text), "one grammar");
  const ws::DeflateOffer offer{.server_max_window_bits = most};
  if (const auto agreement = ws::read_deflate_response(text, offer)) {
    fuzz::require(list && list->size() == 1, "RFC 7692 7.1: one response to one offer");
    fuzz::require(agreement->server_window_bits <= most,
                  "RFC 7692 7.1.2.1: no larger than offered");
  }
}

}  // namespace
}  // namespace wscast

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::uint8_t most : {9, 12, 15}) wscast::check(text, most);
  return 0;
}
