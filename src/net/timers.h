#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace wscast::net {

/// The tasks of a shard that run at a time: few, so a list without order does. Shard thread only.
class Timers {
 public:
  /// Returns whether it is to run again; counts for repeated ones only.
  using Task = std::function<bool()>;

  /// Runs `task` once, at `when`.
  void add(SteadyTime when, std::function<void()> task) {
    repeat(when, {}, [task = std::move(task)] {
      task();
      return false;
    });
  }

  /// Runs `task` at `first`, and then `period` after each run until it returns false. To repeat
  /// needs no memory.
  void repeat(SteadyTime first, std::chrono::milliseconds period, Task task) {
    entries_.push_back({first, period, std::make_shared<const Task>(std::move(task))});
  }

  /// When the next task is due; SteadyTime::max() if there is none.
  SteadyTime earliest() const;

  /// Runs what is due, the earliest first. Tasks may add others. What a task throws is passed on:
  /// if it repeats it does so, and the others are due still.
  void run_due(SteadyTime now);

 private:
  struct Entry {
    SteadyTime when;
    std::chrono::milliseconds period;  ///< 0: once.
    std::shared_ptr<const Task> task;  ///< Shared with the run of it, during which entries move.
  };

  std::shared_ptr<const Task> take_due(SteadyTime now);
  void remove(const std::shared_ptr<const Task>& task);

  std::vector<Entry> entries_;
};

}  // namespace wscast::net
