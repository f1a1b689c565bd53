#include "server/server_drain.h"

#include <exception>
#include <numeric>

#include "base/given_up.h"

namespace wscast::server {

/// Returns whether `count` has reached the number of shards.
bool ServerDrain::await_all(const std::size_t& count, std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, longest, [&] { return cancelled_ || count == shards_.size(); });
  return !cancelled_ && count == shards_.size();
}

template <class Task>
void ServerDrain::on_each_shard(Task task) {
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    shards_[i].executor->post([task, i] { task(i); });
  }
}

bool ServerDrain::pause(std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, duration, [this] { return cancelled_; });
}

/// All clients are counted before the first is notified of when to reconnect.
void ServerDrain::run(std::chrono::milliseconds time, std::chrono::milliseconds longest) {
  clients_.resize(shards_.size());
  on_each_shard([this](std::size_t shard) { begin(shard); });
  if (!await_all(begun_, longest)) return;
  const std::size_t total = std::accumulate(clients_.begin(), clients_.end(), std::size_t{0});
  on_each_shard([this, time, total](std::size_t shard) {
    const auto end = clients_.begin() + static_cast<std::ptrdiff_t>(shard);
    start(shard, {.time = time,
                  .first = std::accumulate(clients_.begin(), end, std::size_t{0}),
                  .total = total});
  });
  await_all(done_, longest);
}

void ServerDrain::begin(std::size_t shard) noexcept {
  std::size_t clients = 0;
  try {
    clients = shards_[shard].drain->begin();
  } catch (const std::exception& error) {
    log_given_up("closing the clients of a shard evenly", error);
  }
  const std::lock_guard lock(mutex_);
  clients_[shard] = clients;
  ++begun_;
  changed_.notify_all();
}

/// Clients that cannot be closed evenly are closed when the server shuts down.
void ServerDrain::start(std::size_t shard, const DrainShare& share) noexcept {
  try {
    shards_[shard].drain->start(share, [this] { on_done(); });
  } catch (const std::exception& error) {
    log_given_up("closing the clients of a shard evenly", error);
    on_done();
  }
}

void ServerDrain::on_done() noexcept {
  const std::lock_guard lock(mutex_);
  ++done_;
  changed_.notify_all();
}

void ServerDrain::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

}  // namespace wscast::server
