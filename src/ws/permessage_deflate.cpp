#include "ws/permessage_deflate.h"

#include <algorithm>

#include "ws/extension_list.h"

namespace wscast::ws {
namespace {

constexpr std::string_view kName = "permessage-deflate";
constexpr std::string_view kServerNoContext = "server_no_context_takeover";
constexpr std::string_view kClientNoContext = "client_no_context_takeover";
constexpr std::string_view kServerWindow = "server_max_window_bits";
constexpr std::string_view kClientWindow = "client_max_window_bits";

/// The parameters of one offer or response.
struct Parameters {
  bool server_no_context = false;
  bool client_no_context = false;
  bool client_window = false;  ///< client_max_window_bits is there, with or without a value.
  std::optional<std::uint8_t> server_bits{};
  std::optional<std::uint8_t> client_bits{};
};

/// Sections 7.1.2.1 and 7.1.2.2: "a decimal integer value without leading zeroes between 8 to 15
/// inclusive".
std::optional<std::uint8_t> parse_window_bits(std::string_view text) {
  if (text == "8" || text == "9") return static_cast<std::uint8_t>(text[0] - '0');
  if (text.size() != 2 || text[0] != '1' || text[1] < '0' || text[1] > '5') return std::nullopt;
  return static_cast<std::uint8_t>(10 + text[1] - '0');
}

/// Sections 7.1.1.1 and 7.1.1.2: these parameters have no value.
bool set_flag(bool& flag, const std::optional<std::string>& value) {
  if (flag || value) return false;
  flag = true;
  return true;
}

bool set_bits(std::optional<std::uint8_t>& bits, std::string_view value) {
  if (bits) return false;
  bits = parse_window_bits(value);
  return bits.has_value();
}

bool set(Parameters& parameters, const ExtensionParameter& one) {
  if (one.name == kServerNoContext) return set_flag(parameters.server_no_context, one.value);
  if (one.name == kClientNoContext) return set_flag(parameters.client_no_context, one.value);
  if (one.name == kServerWindow) return one.value && set_bits(parameters.server_bits, *one.value);
  if (one.name != kClientWindow || parameters.client_window) return false;
  parameters.client_window = true;
  return !one.value || set_bits(parameters.client_bits, *one.value);
}

/// Section 7.1: an offer or a response is declined if it "contains an extension parameter not
/// defined for use" in it, one "with an invalid value", or "multiple extension parameters with the
/// same name".
std::optional<Parameters> parse(const Extension& extension) {
  Parameters parameters;
  for (const ExtensionParameter& one : extension.parameters) {
    if (!set(parameters, one)) return std::nullopt;
  }
  return parameters;
}

std::string window(std::string_view name, std::uint8_t bits) {
  return "; " + std::string(name) + "=" + std::to_string(bits);
}

/// Section 7.1.1: a server may state that neither end uses context takeover, whatever the offer
/// says, and 7.1.2.1: that its window is smaller than the offer allows. 7.1.2.2: "the response to
/// the offer MUST NOT include" client_max_window_bits unless the offer does.
AcceptedDeflateOffer accept(const Parameters& offer, std::uint8_t server_bits) {
  AcceptedDeflateOffer accepted{
      .agreement = {.server_window_bits = server_bits,
                    .client_window_bits = offer.client_bits.value_or(kMaxWindowBits)},
      .response = std::string(kName) + "; " + std::string(kServerNoContext) + "; " +
                  std::string(kClientNoContext)};
  if (offer.server_bits || server_bits < kMaxWindowBits) {
    accepted.response += window(kServerWindow, server_bits);
  }
  if (offer.client_bits) accepted.response += window(kClientWindow, *offer.client_bits);
  return accepted;
}

/// Section 7.1.2.1: the response has "the same or smaller value as the offer"; below 9 zlib cannot,
/// so that "a server declines an extension negotiation offer".
std::optional<AcceptedDeflateOffer> consider(const Extension& offered,
                                             std::uint8_t max_window_bits) {
  if (offered.name != kName) return std::nullopt;
  const auto offer = parse(offered);
  if (!offer) return std::nullopt;
  const auto bits = std::min(offer->server_bits.value_or(kMaxWindowBits), max_window_bits);
  if (bits < kMinWindowBits) return std::nullopt;
  return accept(*offer, bits);
}

}  // namespace

std::optional<AcceptedDeflateOffer> accept_deflate_offer(std::span<const std::string_view> values,
                                                         std::uint8_t max_window_bits) {
  for (const std::string_view value : values) {
    const auto offers = parse_extension_list(value);
    if (!offers) continue;
    for (const Extension& offer : *offers) {
      if (auto accepted = consider(offer, max_window_bits)) return accepted;
    }
  }
  return std::nullopt;
}

std::string to_string(const DeflateOffer& offer) {
  std::string text = std::string(kName) + "; " + std::string(kServerNoContext) + "; " +
                     std::string(kClientNoContext);
  if (offer.server_max_window_bits < kMaxWindowBits) {
    text += window(kServerWindow, offer.server_max_window_bits);
  }
  if (offer.client_max_window_bits < kMaxWindowBits) {
    return text + window(kClientWindow, offer.client_max_window_bits);
  }
  return text + "; " + std::string(kClientWindow);
}

std::optional<DeflateAgreement> read_deflate_response(std::string_view value,
                                                      const DeflateOffer& offer) {
  const auto extensions = parse_extension_list(value);
  if (!extensions || extensions->size() != 1 || extensions->front().name != kName) {
    return std::nullopt;
  }
  const auto response = parse(extensions->front());
  // Section 7.1.1.1: who accepts the offer of server_no_context_takeover includes it. 7.1.2.2: in a
  // response client_max_window_bits has a value.
  if (!response || !response->server_no_context) return std::nullopt;
  if (response->client_window && !response->client_bits) return std::nullopt;
  const DeflateAgreement agreement{
      .server_window_bits = response->server_bits.value_or(kMaxWindowBits),
      .client_window_bits = response->client_bits.value_or(offer.client_max_window_bits)};
  // Sections 7.1.2.1 and 7.1.2.2: "the same or smaller value as the offer".
  if (agreement.server_window_bits > offer.server_max_window_bits ||
      agreement.client_window_bits > offer.client_max_window_bits) {
    return std::nullopt;
  }
  return agreement;
}

}  // namespace wscast::ws
