#include "server/client_control.h"

#include <optional>
#include <string>
#include <utility>

#include "protocol/utf8.h"
#include "ws/close_code.h"

namespace wscast::server {

std::error_code ClientControl::change(const Membership& membership, bool in) {
  if (membership.room.empty() || !protocol::is_utf8(membership.room)) return Errc::invalid_text;
  if (!running_) return Errc::stopped;
  const auto client = ClientId::spelled(membership.client_id);
  if (!client) return Errc::unknown_client;
  MembershipChange change{*client, std::string(membership.room), in};
  bool known = false;
  try {
    interest_.report([&](Interest* interest) {
      const auto shard = directory_.change(*client, change.room, in, interest);
      known = shard.has_value();
      if (known) bring(*shard, change);
    });
  } catch (...) {
    if (known) directory_.abandon(*client, membership.room);
    note(membership.room, false);
    throw;
  }
  if (known) note(membership.room, in);
  return known ? std::error_code() : Errc::unknown_client;
}

void ClientControl::note(std::string_view room, bool in) noexcept {
  if (in) {
    occupancy_.on_entered(room);
    if (history_ != nullptr) history_->on_entered(room);
  } else {
    occupancy_.on_exited(room);
  }
}

/// Routes a change that is in the directory.
void ClientControl::bring(std::size_t shard, const MembershipChange& change) {
  try {
    router_.route(shard, change);
  } catch (...) {
    directory_.cancel_change(change.client, change.room);
    throw;
  }
}

/// Routes what `make_command` returns to the client's shard.
template <class MakeCommand>
std::error_code ClientControl::route_to(std::string_view client_id, MakeCommand make_command) {
  if (!running_) return Errc::stopped;
  const auto client = ClientId::spelled(client_id);
  const auto shard = client ? directory_.shard_of(*client) : std::nullopt;
  if (!shard) return Errc::unknown_client;
  router_.route(*shard, make_command(*client));
  return {};
}

std::error_code ClientControl::enable_client_encryption(std::string_view client_id) {
  if (!options_.hooks.outbound_transformer) return Errc::no_transformer;
  return route_to(client_id, [](const ClientId& client) { return EncryptionChange{client}; });
}

std::error_code ClientControl::close_client(const CloseClient& call) {
  if (!session::may_close_with(call.code, call.reason)) return Errc::invalid_text;
  return route_to(call.client_id, [&call](const ClientId& client) {
    return Disconnect{
        .client = client, .user = {}, .code = call.code, .reason = std::string(call.reason)};
  });
}

std::error_code ClientControl::close_user(const CloseUser& call) {
  if (!session::may_close_with(call.code, call.reason)) return Errc::invalid_text;
  if (!running_) return Errc::stopped;
  if (call.user_id.empty()) return {};
  router_.route(directory_.shards_of_user(call.user_id),
                Disconnect{.client = {},
                           .user = std::string(call.user_id),
                           .code = call.code,
                           .reason = std::string(call.reason)});
  return {};
}

/// First refused, then ended: a client that is identified in between is among those that are ended.
std::error_code ClientControl::revoke_user(const RevokeUser& call) {
  if (call.user_id.empty() || !protocol::is_utf8(call.user_id)) return Errc::invalid_text;
  if (!running_) return Errc::stopped;
  if (!directory_.revoke(call.user_id, call.until)) return {};
  router_.route(directory_.shards_of_user(call.user_id), Revocation{std::string(call.user_id)});
  return {};
}

}  // namespace wscast::server
