#include "server/courier.h"

#include <algorithm>
#include <utility>

namespace wscast::server {

void Courier::connect(std::vector<net::Shard*> shards) {
  shards_ = std::move(shards);
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    inboxes_.push_back(std::make_unique<Inbox>());
    outboxes_.emplace_back(shards_.size());
  }
}

bool Courier::send(net::Shard* from, std::size_t to, Delivery delivery) {
  if (!charge(to, cost_of(delivery))) return false;
  if (from == nullptr) {
    Batch batch;
    batch.push_back(std::move(delivery));
    post(to, std::move(batch));
  } else {
    outboxes_[from->index()][to].push_back(std::move(delivery));
    from->request_iteration();
  }
  return true;
}

bool Courier::charge(std::size_t to, std::size_t bytes) {
  auto& waiting = inboxes_[to]->bytes;
  if (waiting.fetch_add(bytes, std::memory_order_relaxed) + bytes <= max_inbox_bytes_ ||
      bytes == 0) {
    return true;
  }
  release(to, bytes);
  return false;
}

void Courier::release(std::size_t to, std::size_t bytes) {
  inboxes_[to]->bytes.fetch_sub(bytes, std::memory_order_relaxed);
}

bool Courier::relieved() const {
  return std::ranges::all_of(inboxes_, [this](const std::unique_ptr<Inbox>& inbox) {
    return inbox->bytes.load(std::memory_order_relaxed) <= max_inbox_bytes_ / 2;
  });
}

void Courier::flush(net::Shard& from) {
  auto& outboxes = outboxes_[from.index()];
  for (std::size_t to = 0; to < outboxes.size(); ++to) {
    if (!outboxes[to].empty()) post(to, std::exchange(outboxes[to], {}));
  }
}

void Courier::post(std::size_t to, Batch batch) {
  net::Shard& shard = *shards_[to];
  shard.post([this, to, &shard, batch = std::move(batch)] {
    for (const Delivery& delivery : batch) {
      shard.counters().add(Counter::posts_between_shards);
      deliver_(shard, delivery);
      release(to, cost_of(delivery));
    }
  });
}

}  // namespace wscast::server
