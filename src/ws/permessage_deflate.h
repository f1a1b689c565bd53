#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wscast::ws {

/// Base-2 logarithms of the LZ77 windows that zlib compresses with. RFC 7692 section 7.1.2 allows
/// 8, too, which zlib does not do for raw deflate data.
inline constexpr std::uint8_t kMinWindowBits = 9;
inline constexpr std::uint8_t kMaxWindowBits = 15;

/// permessage-deflate (RFC 7692) as both ends of a connection have agreed on it: the LZ77 windows
/// within which each compresses. No end keeps a context from one message to the next.
struct DeflateAgreement {
  std::uint8_t server_window_bits = kMaxWindowBits;
  std::uint8_t client_window_bits = kMaxWindowBits;

  friend bool operator==(const DeflateAgreement&, const DeflateAgreement&) = default;
};

/// The offer that a server accepts, and the value of Sec-WebSocket-Extensions by which it does.
struct AcceptedDeflateOffer {
  DeflateAgreement agreement;
  std::string response;
};

/// Chooses the first offer of permessage-deflate that a server can accept (RFC 7692 section 5.1).
/// `values`: of all fields Sec-WebSocket-Extensions of the request, valid and in their order;
/// `max_window_bits`: the largest window that the server compresses with, 9 to 15. `std::nullopt`:
/// none fits, and the connection goes on without compression.
std::optional<AcceptedDeflateOffer> accept_deflate_offer(std::span<const std::string_view> values,
                                                         std::uint8_t max_window_bits);

/// What a client offers. It always asks the server to keep no context.
struct DeflateOffer {
  std::uint8_t server_max_window_bits = kMaxWindowBits;  ///< 9 to 15; 15 is not written.
  std::uint8_t client_max_window_bits = kMaxWindowBits;  ///< 9 to 15; 15 is written without value.
};

/// The value of Sec-WebSocket-Extensions by which a client makes `offer`.
std::string to_string(const DeflateOffer& offer);

/// Reads the server's response to `offer`. `std::nullopt`: it is not one that RFC 7692 section 7.1
/// allows, and the client must fail the connection.
std::optional<DeflateAgreement> read_deflate_response(std::string_view value,
                                                      const DeflateOffer& offer);

}  // namespace wscast::ws
