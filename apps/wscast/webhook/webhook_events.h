#pragma once

#include <memory>
#include <string_view>
#include <thread>

#include "wscast/json.h"
#include "wscast/measurements.h"

#include "webhook/event_delivery.h"
#include "webhook/webhook_options.h"

namespace wscast::program {

/// Sends events to the team's backend: a JSON object each, several in one signed POST (see
/// EventDelivery), from a thread of its own. The functions that take events may be called from any
/// thread, take a short lock at most, and do nothing for an event that is not in
/// WebhookOptions::types. Views are valid during the call. Events of one client are delivered in
/// the order of their calls, each at least once while this object lives, unless they are lost by a
/// limit of WebhookOptions: that is counted and logged.
class WebhookEvents {
 public:
  /// Throws std::invalid_argument that names everything wrong with the options.
  explicit WebhookEvents(const WebhookOptions& options);

  /// Calls stop().
  ~WebhookEvents();

  WebhookEvents(const WebhookEvents&) = delete;
  WebhookEvents& operator=(const WebhookEvents&) = delete;

  /// `user_id` is left out when it is empty, in all of these.
  void connected(std::string_view client_id, std::string_view user_id,
                 std::string_view remote_address);
  void disconnected(std::string_view client_id, std::string_view user_id);

  /// `data` and `id` are those of the client's message.
  void message(std::string_view client_id, std::string_view user_id, std::string_view event,
               Json data, Json id);

  /// `data` is that of the client's `publish`.
  void publish(std::string_view client_id, std::string_view user_id, Json data);

  void joined(std::string_view client_id, std::string_view user_id, std::string_view room);
  void left(std::string_view client_id, std::string_view user_id, std::string_view room);
  void room_occupied(std::string_view room);
  void room_vacated(std::string_view room);

  /// Uses other options from the next request on, also after the backend has replied 410. Events
  /// that wait stay; what is under way is given up and repeated. Throws as the constructor, and
  /// then changes nothing. Any thread.
  void reload(const WebhookOptions& options);

  /// Sends what waits, for WebhookOptions::drain_time at most, logs what could not be sent, and
  /// ends the thread; later events are ignored. Blocks. A second call is a no-op.
  void stop();

  EventDeliveryCounts counts() const;

  /// How long requests took, in nanoseconds.
  Distribution requests_ns() const;

  /// Events that are neither delivered nor lost.
  std::size_t pending() const;

 private:
  class Sender;

  std::shared_ptr<Sender> sender_;  ///< Shared with requests under way.
  std::thread thread_;
};

}  // namespace wscast::program
