#include <algorithm>
#include <exception>
#include <memory>
#include <system_error>
#include <utility>

#include "base/given_up.h"
#include "net/shard.h"
#include "net/shard_client.h"

// How a shard takes new connections, and where it keeps them.
namespace wscast::net {
namespace {

constexpr std::size_t kFirstSlots = 64;

}  // namespace

void Shard::adopt(Arrival arrival) noexcept {
  try {
    const std::uint32_t slot = take_slot();
    try {
      open(std::make_unique<Client>(std::move(arrival), context_, slot), slot);
      counters_.add(Counter::connections_accepted);
    } catch (...) {
      free_slot(slot);
      throw;
    }
  } catch (const std::exception& error) {
    forget_connection();
    counters_.add(Counter::accept_failures);
    log_given_up("a new connection", error);
  }
}

void Shard::open(std::unique_ptr<Client> client, std::uint32_t slot) {
  const int descriptor = client->socket.descriptor();
  ++slots_[slot].generation;
  if (const int error = newcomers_.poller.add(descriptor, key_of(slot)); error != 0) {
    throw std::system_error(error, std::generic_category(), "a connection could not be watched");
  }
  slots_[slot].client = std::move(client);
  slots_[slot].descriptor = descriptor;
}

std::uint32_t Shard::take_slot() {
  if (free_slots_.empty()) add_slot();
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

/// Everything that keeps an entry of each slot grows here, before there is one more.
void Shard::add_slot() {
  const std::size_t count = slots_.size();
  if (count == slots_.capacity()) slots_.reserve(std::max(kFirstSlots, 2 * count));
  free_slots_.reserve(slots_.capacity());
  for (FlushQueue* queue : {&newcomers_.flushes, &clients_.flushes, &fan_outs_}) {
    queue->reserve(slots_.capacity());
  }
  pending_deletion_.reserve(slots_.capacity());
  pending_handover_.reserve(slots_.capacity());
  deadlines_.set(count, Deadlines::kNever);
  slots_.emplace_back();
  free_slots_.push_back(static_cast<std::uint32_t>(count));
}

void Shard::free_slot(std::uint32_t slot) noexcept {
  deadlines_.set(slot, Deadlines::kNever);
  free_slots_.push_back(slot);
}

}  // namespace wscast::net
