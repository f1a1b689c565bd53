#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wscast::program {

/// The kinds of events, in the order of their names in webhook_event_names().
enum class WebhookEventType : std::uint8_t {
  connected,      ///< A client has authenticated.
  disconnected,   ///< Such a client has gone.
  message,        ///< A client sent an event that the server does not handle itself.
  publish,        ///< A client published to a room.
  joined,         ///< A client is in a room.
  left,           ///< It is in it no more.
  room_occupied,  ///< A room has its first client on this server.
  room_vacated,   ///< It has none any more.
};

/// All names, as in the `type` of an event.
std::span<const std::string_view> webhook_event_names();

std::string_view name_of(WebhookEventType type);

/// std::nullopt if there is no such event.
std::optional<WebhookEventType> webhook_event_of(std::string_view name);

/// Where events are sent, and how. Sizes are of JSON texts.
struct WebhookOptions {
  std::string url{};                   ///< http or https.
  std::vector<std::string> secrets{};  ///< `whsec_...`; two while receivers change, the new first.
  std::string ca_file{};  ///< PEM file of the CA that signs its certificate; empty: the system's.

  /// The events that are sent. By default all but `publish`, of which there may be very many.
  std::vector<std::string> types{"connected", "disconnected",  "message",     "joined",
                                 "left",      "room_occupied", "room_vacated"};

  std::size_t max_batch_events = 100;        ///< Events in one request. 1 to 10,000.
  std::size_t max_batch_bytes = 512 * 1024;  ///< A longer event is sent alone. 1 KiB to 64 MiB.
  std::chrono::milliseconds max_delay{100};  ///< How long an event waits for others. At most 1 m.
  std::size_t max_queue_events = 100'000;    ///< Beyond it the oldest are lost. At least 1.
  std::size_t max_queue_bytes = 64 * 1024 * 1024;  ///< The same. At least 64 KiB.

  std::chrono::milliseconds timeout{10'000};   ///< Of one request. Over 0, at most 10 m.
  std::chrono::milliseconds first_retry{500};  ///< After the first failure; then twice as long...
  std::chrono::milliseconds longest_retry{60'000};  ///< ...up to this. At most 1 h, also when the
                                                    ///< receiver asks for more (`Retry-After`).
  std::chrono::milliseconds max_age{3'600'000};     ///< Older events are lost. 1 s to 7 days.
  std::chrono::milliseconds drain_time{5'000};      ///< To send the rest at the end. At most 10 m.

  /// Everything wrong with the options, each beginning with the field's name.
  std::vector<std::string> validate() const;
};

}  // namespace wscast::program
