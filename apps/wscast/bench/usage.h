#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>

namespace wscast::program {

/// What a process takes of the machine.
class ProcessUsage {
 public:
  /// Throws std::invalid_argument when there is no such process.
  explicit ProcessUsage(pid_t pid);

  /// Of all its threads, to the nanosecond. Throws BenchFailure when it has ended.
  std::chrono::nanoseconds cpu() const;
  std::uint64_t resident_bytes() const;

  /// How many it has open; std::nullopt for the process of another user.
  std::optional<std::size_t> descriptors() const;

 private:
  pid_t pid_;
  clockid_t clock_ = 0;
};

/// What the calling thread has had since it started.
struct ThreadUsage {
  std::chrono::nanoseconds ran{0};
  std::chrono::nanoseconds waited{0};  ///< For a core, while others had it.
};
ThreadUsage thread_usage();

}  // namespace wscast::program
