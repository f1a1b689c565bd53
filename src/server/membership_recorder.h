#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

#include "base/counters.h"
#include "hub/membership_observer.h"
#include "server/channel_interest.h"
#include "server/directory.h"
#include "server/history_interest.h"
#include "server/room_events.h"
#include "server/room_occupancy.h"

namespace wscast::server {

/// Records in the directory, which other threads read, what changes in a shard's hub; counts the
/// node's unauthenticated clients; reports new and lost interest to the broker, and memberships to
/// the hooks; limits the clients of a user. A client's end is recorded in any case; a channel that
/// it leaves subscribed for want of memory is counted. Shard thread only.
class MembershipRecorder final : public hub::MembershipObserver {
 public:
  /// All of them must outlive it. `unauthenticated` is shared by all shards.
  MembershipRecorder(Directory& directory, ChannelInterest& interest, RoomOccupancy& occupancy,
                     std::atomic<std::size_t>& unauthenticated, const SessionOptions& options,
                     Counters& counters, const HistoryInterest* history = nullptr)
      : directory_(directory),
        interest_(interest),
        occupancy_(occupancy),
        options_(options),
        unauthenticated_(unauthenticated),
        counters_(counters),
        history_(history) {}

  /// Call it once, before the first client joins a room: `events` must outlive the last.
  void report_to(RoomEvents& events) { events_ = &events; }

  void on_add(hub::ClientRecord& client) override {
    directory_.add(client);
    ++unauthenticated_;
  }
  void on_remove(hub::ClientRecord& client) noexcept override {
    if (client.state.load(std::memory_order_relaxed) != ClientState::authenticated) {
      --unauthenticated_;
    }
    report_removal([&](Interest* interest) { directory_.remove(client, interest); });
  }
  hub::IdentifyResult identify(hub::ClientRecord& client, hub::ClientIdentity identity) override {
    auto result = hub::IdentifyResult::identified;
    interest_.report([&](Interest* interest) {
      result =
          directory_.identify(client, std::move(identity), interest, options_.max_clients_per_user);
    });
    if (result == hub::IdentifyResult::identified) --unauthenticated_;
    return result;
  }
  void renew(hub::ClientRecord& client, Metadata metadata) override {
    directory_.renew(client, std::move(metadata));
  }
  void on_join(hub::ClientRecord& client, std::string_view room) override {
    bool first = false;
    try {
      interest_.report(
          [&](Interest* interest) { first = directory_.join(client.id, room, interest); });
    } catch (...) {
      directory_.leave(client.id, room);
      throw;
    }
    if (events_ != nullptr) report_joined(client, room);
    if (first) occupancy_.on_entered(room);
    if (first && history_ != nullptr) history_->on_entered(room);
  }
  void on_leave(hub::ClientRecord& client, std::string_view room) noexcept override {
    leave(client, room);
    if (events_ != nullptr) events_->on_left(client, room);
    occupancy_.on_exited(room);
  }
  bool notes_each_leave() const noexcept override {
    return occupancy_.wanted() || (events_ != nullptr && events_->wanted());
  }

 private:
  void report_joined(const hub::ClientRecord& client, std::string_view room) {
    try {
      events_->on_joined(client, room);
    } catch (...) {
      leave(client, room);
      throw;
    }
  }
  void leave(const hub::ClientRecord& client, std::string_view room) noexcept {
    report_removal([&](Interest* interest) { directory_.leave(client.id, room, interest); });
  }
  template <class Change>
  void report_removal(Change change) noexcept {
    counters_.add(Counter::dropped_out_of_memory, interest_.report_removal(change));
  }

  Directory& directory_;
  ChannelInterest& interest_;
  RoomOccupancy& occupancy_;
  const SessionOptions& options_;
  RoomEvents* events_ = nullptr;
  std::atomic<std::size_t>& unauthenticated_;
  Counters& counters_;
  const HistoryInterest* history_;  ///< Null: no room has a history.
};

}  // namespace wscast::server
