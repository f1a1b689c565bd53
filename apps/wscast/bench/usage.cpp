#include "bench/usage.h"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "bench/bench_failure.h"

namespace wscast::program {
namespace {

std::chrono::nanoseconds time_of(clockid_t clock) {
  timespec used{};
  if (::clock_gettime(clock, &used) != 0) {
    throw BenchFailure(kFailed, "the process of --pid has ended");
  }
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

std::string folder_of(pid_t pid) {
  return "/proc/" + std::to_string(pid);
}

}  // namespace

ProcessUsage::ProcessUsage(pid_t pid) : pid_(pid) {
  if (::clock_getcpuclockid(pid, &clock_) != 0) {
    throw std::invalid_argument("--pid: there is no process " + std::to_string(pid));
  }
}

std::chrono::nanoseconds ProcessUsage::cpu() const {
  return time_of(clock_);
}

std::uint64_t ProcessUsage::resident_bytes() const {
  std::ifstream status(folder_of(pid_) + "/status");
  std::string word;
  while (status >> word) {
    std::uint64_t kibibytes = 0;
    if (word == "VmRSS:" && status >> kibibytes) return kibibytes * 1024;
  }
  throw BenchFailure(kFailed, "the process of --pid has ended");
}

std::optional<std::size_t> ProcessUsage::descriptors() const {
  std::error_code error;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator entry(folder_of(pid_) + "/fd", error), end;
       !error && entry != end; entry.increment(error)) {
    ++count;
  }
  if (error) return std::nullopt;
  return count;
}

ThreadUsage thread_usage() {
  std::ifstream schedule("/proc/thread-self/schedstat");
  std::int64_t ran = 0;
  std::int64_t waited = 0;  // Stays 0 where the kernel does not count it.
  schedule >> ran >> waited;
  return {.ran = time_of(CLOCK_THREAD_CPUTIME_ID), .waited = std::chrono::nanoseconds(waited)};
}

}  // namespace wscast::program
