#include "wscast/stats.h"

namespace wscast {

std::string_view to_string(Counter counter) noexcept {
  switch (counter) {
    case Counter::connections_accepted:
      return "connections_accepted";
    case Counter::connections_refused:
      return "connections_refused";
    case Counter::connections_discarded:
      return "connections_discarded";
    case Counter::accept_failures:
      return "accept_failures";
    case Counter::connections_reset:
      return "connections_reset";
    case Counter::http_pages_served:
      return "http_pages_served";
    case Counter::http_bad_request:
      return "http_bad_request";
    case Counter::http_not_found:
      return "http_not_found";
    case Counter::http_method_not_allowed:
      return "http_method_not_allowed";
    case Counter::http_upgrade_required:
      return "http_upgrade_required";
    case Counter::http_head_too_large:
      return "http_head_too_large";
    case Counter::http_head_timeout:
      return "http_head_timeout";
    case Counter::http_abandoned:
      return "http_abandoned";
    case Counter::upgrades:
      return "upgrades";
    case Counter::messages_received:
      return "messages_received";
    case Counter::closed_by_peer:
      return "closed_by_peer";
    case Counter::closed_protocol_error:
      return "closed_protocol_error";
    case Counter::closed_invalid_data:
      return "closed_invalid_data";
    case Counter::closed_message_too_big:
      return "closed_message_too_big";
    case Counter::closed_message_timeout:
      return "closed_message_timeout";
    case Counter::closed_idle:
      return "closed_idle";
    case Counter::close_timeouts:
      return "close_timeouts";
    case Counter::dropped_backpressure:
      return "dropped_backpressure";
    case Counter::pongs_dropped:
      return "pongs_dropped";
    case Counter::invalid_messages:
      return "invalid_messages";
    case Counter::malformed_envelopes:
      return "malformed_envelopes";
    case Counter::not_authenticated:
      return "not_authenticated";
    case Counter::already_authenticated:
      return "already_authenticated";
    case Counter::unhandled_events:
      return "unhandled_events";
    case Counter::authentications:
      return "authentications";
    case Counter::closed_authentication_timeout:
      return "closed_authentication_timeout";
    case Counter::closed_heartbeat_timeout:
      return "closed_heartbeat_timeout";
    case Counter::closed_authentication_failed:
      return "closed_authentication_failed";
    case Counter::closed_authentication_error:
      return "closed_authentication_error";
    case Counter::closed_shutdown:
      return "closed_shutdown";
    case Counter::closed_flood:
      return "closed_flood";
    case Counter::rooms_dropped:
      return "rooms_dropped";
    case Counter::joins_refused:
      return "joins_refused";
    case Counter::too_many_rooms:
      return "too_many_rooms";
    case Counter::dropped_before_connected:
      return "dropped_before_connected";
    case Counter::hook_failures:
      return "hook_failures";
    case Counter::slow_hooks:
      return "slow_hooks";
    case Counter::posts_between_shards:
      return "posts_between_shards";
    case Counter::dropped_overloaded:
      return "dropped_overloaded";
    case Counter::count_:
      break;
  }
  return "unknown";
}

}  // namespace wscast
