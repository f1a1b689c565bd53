#include "server/room_occupancy.h"

#include <new>

#include "server/room_events.h"

namespace wscast::server {

RoomOccupancy::RoomOccupancy(const ServerOptions& options, const Directory& directory,
                             ShardRouter& router)
    : options_(options),
      directory_(directory),
      router_(router),
      wanted_(options.hooks.room_occupied || options.hooks.room_vacated),
      known_(directory.shards()) {}

void RoomOccupancy::on_entered(std::string_view room) noexcept {
  if (!wanted_ || !is_reported(options_.session, room)) return;
  pending_.fetch_add(1, std::memory_order_relaxed);
  try {
    router_.route(shard_of(room), RoomCheck{std::string(room)});
  } catch (const std::bad_alloc&) {
    on_checked(true);
  }
}

void RoomOccupancy::on_exited(std::string_view room) noexcept {
  if (wanted_ && !directory_.occupied(room)) on_entered(room);
}

std::optional<bool> RoomOccupancy::settle(std::string_view room) {
  Names& known = known_[shard_of(room)];
  const auto found = known.find(room);
  const bool occupied = directory_.occupied(room);
  if (occupied == (found != known.end())) return std::nullopt;
  if (occupied) {
    known.emplace(room);
  } else {
    known.erase(found);
  }
  return occupied;
}

void RoomOccupancy::on_checked(bool lost) noexcept {
  pending_.fetch_sub(1, std::memory_order_relaxed);
  if (lost) lost_.fetch_add(1, std::memory_order_relaxed);
}

void RoomOccupancy::add_to(Stats& stats) const {
  stats.counters[static_cast<std::size_t>(Counter::dropped_out_of_memory)] +=
      lost_.load(std::memory_order_relaxed);
}

}  // namespace wscast::server
