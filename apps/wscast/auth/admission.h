#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/hooks.h"

#include "auth/auth_method.h"
#include "auth/webhook_rooms.h"
#include "http_client/http_client.h"
#include "replaceable.h"
#include "rooms/room_rules.h"

namespace wscast::program {

/// What is decided about clients by: one way to authenticate, and the rules of rooms. Immutable.
struct AdmissionRules {
  std::shared_ptr<HttpClient> client{};  ///< First: what follows uses it. Null: not needed.
  std::shared_ptr<AuthMethod> method;
  bool dev = false;  ///< Clients may use every room: their grants are not kept, to save memory.
  RoomRules rooms{};
  std::shared_ptr<WebhookRooms> room_webhook{};  ///< Null unless a rule asks it.
};

/// Decides who may connect, join and publish; a reload replaces its rules. Any thread.
class Admission {
 public:
  explicit Admission(std::shared_ptr<const AdmissionRules> rules) { replace(std::move(rules)); }

  void replace(std::shared_ptr<const AdmissionRules> rules) {
    has_room_rules_.store(!rules->rooms.all().empty(), std::memory_order_relaxed);
    rules_.set(std::move(rules));
  }

  /// Sets the authenticate and validate-rooms hooks, which keep `admission`.
  static void install(const std::shared_ptr<Admission>& admission, Hooks& hooks);

  /// AuthMethod::rejections(), since the rules were set.
  JwtRejections rejections() const { return rules_.get()->method->rejections(); }

  /// Whether the sender of `message`, a member of `room`, may publish `event` to it.
  bool may_publish(const ClientMessage& message, std::string_view room,
                   std::string_view event) const;

 private:
  void validate_rooms(const ValidateRoomsRequest& request,
                      const Reply<std::vector<std::string>>& reply) const;

  Replaceable<AdmissionRules> rules_;
  std::atomic<bool> has_room_rules_{false};  ///< Without any, a publish takes no lock.
};

}  // namespace wscast::program
