#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "wscast/server_options.h"
#include "wscast/stats.h"

#include "base/string_hash.h"
#include "server/directory.h"
#include "server/shard_router.h"

namespace wscast::server {

/// Decides when the hooks room_occupied and room_vacated run. Who changes a membership notes that a
/// room may have got its first member, or lost its last; the shard that the room's name belongs to
/// then compares the directory with what it has reported. So the reports of one room alternate, in
/// order, whatever the order in which changes of several shards arrive; what was undone meanwhile
/// is not reported. A no-op without these hooks. Any thread, unless noted.
class RoomOccupancy {
 public:
  /// All of them must outlive it.
  RoomOccupancy(const ServerOptions& options, const Directory& directory, ShardRouter& router);

  /// Whether one of the two hooks is set.
  bool wanted() const noexcept { return wanted_; }

  /// `room` may have got its first member. What cannot be noted for want of memory is counted: the
  /// room's next change reports what was missed.
  void on_entered(std::string_view room) noexcept;

  /// The same if `room` has no member now.
  void on_exited(std::string_view room) noexcept;

  /// Returns whether `room` has members, if that is to be reported; it then counts as reported.
  /// Throws std::bad_alloc: nothing has changed. Only for a RoomCheck, on its shard's thread.
  std::optional<bool> settle(std::string_view room);

  /// A RoomCheck has been dealt with, or with `lost` could not be.
  void on_checked(bool lost = false) noexcept;

  /// Those that were routed, and not dealt with yet.
  std::size_t pending() const noexcept { return pending_.load(std::memory_order_relaxed); }

  /// Adds what was lost.
  void add_to(Stats& stats) const;

 private:
  using Names = boost::unordered_flat_set<std::string, StringHash, std::equal_to<>>;

  std::size_t shard_of(std::string_view room) const { return StringHash{}(room) % known_.size(); }

  const ServerOptions& options_;
  const Directory& directory_;
  ShardRouter& router_;
  const bool wanted_;
  std::vector<Names> known_;  ///< By shard: the rooms reported as occupied. Each for its thread.
  std::atomic<std::size_t> pending_{0};
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace wscast::server
