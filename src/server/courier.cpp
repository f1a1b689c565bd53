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
  const std::size_t cost = cost_of(delivery);
  auto& bytes = inboxes_[to]->bytes;
  if (bytes.fetch_add(cost, std::memory_order_relaxed) + cost > inbox_bytes_max_ && cost > 0) {
    bytes.fetch_sub(cost, std::memory_order_relaxed);
    return false;
  }
  if (from == nullptr) {
    Batch batch;
    batch.push_back(std::move(delivery));
    post(to, std::move(batch));
  } else {
    outboxes_[from->index()][to].push_back(std::move(delivery));
    from->request_turn();
  }
  return true;
}

bool Courier::relieved() const {
  return std::ranges::all_of(inboxes_, [this](const std::unique_ptr<Inbox>& inbox) {
    return inbox->bytes.load(std::memory_order_relaxed) <= inbox_bytes_max_ / 2;
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
      inboxes_[to]->bytes.fetch_sub(cost_of(delivery), std::memory_order_relaxed);
    }
  });
}

}  // namespace wscast::server
