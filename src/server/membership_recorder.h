#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

#include "hub/membership_observer.h"
#include "server/channel_interest.h"
#include "server/directory.h"

namespace wscast::server {

/// Records in the directory, which other threads read, what changes in a shard's hub; counts the
/// node's unauthenticated clients; reports new and lost interest to the broker. Shard thread only.
class MembershipRecorder final : public hub::MembershipObserver {
 public:
  /// All of them must outlive it. `unauthenticated` is shared by all shards.
  MembershipRecorder(Directory& directory, ChannelInterest& interest,
                     std::atomic<std::size_t>& unauthenticated)
      : directory_(directory), interest_(interest), unauthenticated_(unauthenticated) {}

  void on_add(hub::ClientRecord& client) override {
    ++unauthenticated_;
    directory_.add(client);
  }
  void on_remove(hub::ClientRecord& client) override {
    if (client.state.load(std::memory_order_relaxed) != ClientState::authenticated) {
      --unauthenticated_;
    }
    interest_.report([&](Interest* interest) { directory_.remove(client, interest); });
  }
  void identify(hub::ClientRecord& client, hub::ClientIdentity identity) override {
    --unauthenticated_;
    interest_.report(
        [&](Interest* interest) { directory_.identify(client, std::move(identity), interest); });
  }
  void on_join(hub::ClientRecord& client, std::string_view room) override {
    interest_.report([&](Interest* interest) { directory_.join(client.id, room, interest); });
  }
  void on_leave(hub::ClientRecord& client, std::string_view room) override {
    interest_.report([&](Interest* interest) { directory_.leave(client.id, room, interest); });
  }

 private:
  Directory& directory_;
  ChannelInterest& interest_;
  std::atomic<std::size_t>& unauthenticated_;
};

}  // namespace wscast::server
