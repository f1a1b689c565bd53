#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

#include "base/counters.h"
#include "hub/membership_observer.h"
#include "server/channel_interest.h"
#include "server/directory.h"

namespace wscast::server {

/// Records in the directory, which other threads read, what changes in a shard's hub; counts the
/// node's unauthenticated clients; reports new and lost interest to the broker; limits the clients
/// of a user. A client's end is recorded in any case; a channel that it leaves subscribed for want
/// of memory is counted. Shard thread only.
class MembershipRecorder final : public hub::MembershipObserver {
 public:
  /// All of them must outlive it. `unauthenticated` is shared by all shards.
  MembershipRecorder(Directory& directory, ChannelInterest& interest,
                     std::atomic<std::size_t>& unauthenticated, const SessionOptions& options,
                     Counters& counters)
      : directory_(directory),
        interest_(interest),
        options_(options),
        unauthenticated_(unauthenticated),
        counters_(counters) {}

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
  bool identify(hub::ClientRecord& client, hub::ClientIdentity identity) override {
    bool identified = false;
    interest_.report([&](Interest* interest) {
      identified =
          directory_.identify(client, std::move(identity), interest, options_.max_clients_per_user);
    });
    if (identified) --unauthenticated_;
    return identified;
  }
  void renew(hub::ClientRecord& client, Metadata metadata) override {
    directory_.renew(client, std::move(metadata));
  }
  void on_join(hub::ClientRecord& client, std::string_view room) override {
    try {
      interest_.report([&](Interest* interest) { directory_.join(client.id, room, interest); });
    } catch (...) {
      directory_.leave(client.id, room);
      throw;
    }
  }
  void on_leave(hub::ClientRecord& client, std::string_view room) noexcept override {
    report_removal([&](Interest* interest) { directory_.leave(client.id, room, interest); });
  }

 private:
  template <class Change>
  void report_removal(Change change) noexcept {
    counters_.add(Counter::dropped_out_of_memory, interest_.report_removal(change));
  }

  Directory& directory_;
  ChannelInterest& interest_;
  const SessionOptions& options_;
  std::atomic<std::size_t>& unauthenticated_;
  Counters& counters_;
};

}  // namespace wscast::server
