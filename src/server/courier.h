#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/counters.h"
#include "net/shard.h"
#include "server/delivery.h"

namespace wscast::server {

/// Carries deliveries to the shards. What a shard sends to the others gathers in outboxes and
/// leaves once per loop iteration, in order; what other threads send leaves at once. What waits for
/// a shard is limited in bytes, for messages alone: whatever else is said is never refused.
class Courier {
 public:
  using Deliver = void (*)(net::Shard&, const Delivery&);

  /// `deliver` is called on the receiving shard's thread.
  Courier(std::size_t max_inbox_bytes, Deliver deliver)
      : max_inbox_bytes_(max_inbox_bytes), deliver_(deliver) {}

  /// Once, before the shards run.
  void connect(std::vector<net::Shard*> shards);

  /// False: the inbox of shard `to` is full. Any thread. `from`: the calling thread's shard, null
  /// when it is none of this courier's.
  bool send(net::Shard* from, std::size_t to, Delivery delivery);

  /// Charges the inbox of shard `to` for what travels there by another way. False: it is full.
  /// Any thread.
  bool charge(std::size_t to, std::size_t bytes);
  void release(std::size_t to, std::size_t bytes);

  /// Bytes that wait for shard `to`. Any thread.
  std::size_t inbox_bytes(std::size_t to) const {
    return inboxes_[to]->bytes.load(std::memory_order_relaxed);
  }

  std::size_t shards() const { return shards_.size(); }

  /// Whether no shard's inbox is more than half full. Any thread.
  bool relieved() const;

  /// Empties the outboxes of `from`, on its thread, at the end of its iteration.
  void flush(net::Shard& from);

 private:
  using Batch = std::vector<Delivery>;

  struct Inbox {
    std::atomic<std::size_t> bytes{0};
  };

  void post(std::size_t to, Batch batch);

  const std::size_t max_inbox_bytes_;
  const Deliver deliver_;
  std::vector<net::Shard*> shards_;
  std::vector<std::unique_ptr<Inbox>> inboxes_;
  std::vector<std::vector<Batch>> outboxes_;  ///< By sending, then by receiving shard.
};

}  // namespace wscast::server
