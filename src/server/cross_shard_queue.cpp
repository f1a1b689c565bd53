#include "server/cross_shard_queue.h"

#include <algorithm>
#include <functional>
#include <new>
#include <utility>

namespace wscast::server {
namespace {

/// So that the shards begin, and the queue's limit is not reached for want of a reader.
constexpr std::size_t kMaxGathered = 256;

thread_local CrossShardQueue::Gathering* innermost = nullptr;

}  // namespace

CrossShardQueue::Gathering::Gathering(CrossShardQueue& queue)
    : queue_(of(queue) == nullptr ? &queue : nullptr), outer_(innermost) {
  if (queue_ != nullptr) batches_.resize(queue.shards_.size());
  innermost = this;
}

CrossShardQueue::Gathering::~Gathering() {
  innermost = outer_;
  for (std::size_t to = 0; to < batches_.size(); ++to) queue_->post_gathered(to, batches_[to]);
}

CrossShardQueue::Gathering* CrossShardQueue::Gathering::of(const CrossShardQueue& queue) {
  Gathering* gathering = innermost;
  while (gathering != nullptr && gathering->queue_ != &queue) gathering = gathering->outer_;
  return gathering;
}

void CrossShardQueue::connect(std::vector<ShardPort> shards) {
  shards_ = std::move(shards);
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    waiting_.push_back(std::make_unique<Waiting>());
    batches_.emplace_back(shards_.size());
  }
}

bool CrossShardQueue::charge(std::size_t to, std::size_t bytes) {
  auto& waiting = waiting_[to]->bytes;
  if (waiting.fetch_add(bytes, std::memory_order_relaxed) + bytes <= max_bytes_per_shard_ ||
      bytes == 0) {
    return true;
  }
  release(to, bytes);
  return false;
}

void CrossShardQueue::release(std::size_t to, std::size_t bytes) noexcept {
  waiting_[to]->bytes.fetch_sub(bytes, std::memory_order_relaxed);
}

void CrossShardQueue::push(std::optional<std::size_t> from, std::size_t to,
                           ShardCommand&& command) {
  if (from) {
    batches_[*from][to].push_back(std::move(command));
    shards_[*from].executor->request_iteration();
    return;
  }
  if (Gathering* gathering = Gathering::of(*this)) {
    Batch& gathered = gathering->batches_[to];
    if (cost_of(command) > 0) {
      gathered.push_back(std::move(command));
      if (gathered.size() >= kMaxGathered) post_gathered(to, gathered);
      return;
    }
    post_gathered(to, gathered);  // The command must not overtake them.
  }
  Batch batch;
  batch.push_back(std::move(command));
  try {
    post(to, batch);
  } catch (...) {
    command = std::move(batch.front());
    throw;
  }
}

bool CrossShardQueue::has_room() const {
  return std::ranges::all_of(waiting_, [this](const std::unique_ptr<Waiting>& waiting) {
    return waiting->bytes.load(std::memory_order_relaxed) <= max_bytes_per_shard_ / 2;
  });
}

void CrossShardQueue::flush(std::size_t from) noexcept {
  auto& batches = batches_[from];
  for (std::size_t to = 0; to < batches.size(); ++to) {
    if (batches[to].empty()) continue;
    try {
      post(to, batches[to]);
    } catch (const std::bad_alloc&) {
      shards_[from].executor->request_iteration();
    }
  }
}

/// The calls that they belong to have returned: their results tell of it.
void CrossShardQueue::post_gathered(std::size_t to, Batch& batch) noexcept {
  if (batch.empty()) return;
  try {
    return post(to, batch);
  } catch (const std::bad_alloc&) {
    dropped_.fetch_add(batch.size(), std::memory_order_relaxed);
  }
  for (const ShardCommand& command : batch) {
    release(to, cost_of(command));
    PublishAggregator* aggregator = aggregator_of(command);
    if (aggregator && aggregator->report({.accepted = 0, .dropped = 1})) aggregator->complete();
  }
  batch.clear();
}

/// Leaves `batch` empty; when it throws, as it was.
void CrossShardQueue::post(std::size_t to, Batch& batch) {
  const auto carried = std::make_shared<Batch>();
  const ShardPort& shard = shards_[to];
  std::function<void()> task = [this, to, &shard, carried] {
    for (const ShardCommand& command : *carried) {
      shard.executor->counters().add(Counter::posts_between_shards);
      shard.receiver->execute(command);
      release(to, cost_of(command));
    }
  };
  carried->swap(batch);
  try {
    shard.executor->post(std::move(task));
  } catch (...) {
    carried->swap(batch);
    throw;
  }
}

}  // namespace wscast::server
