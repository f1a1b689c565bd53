#pragma once

#include <cstddef>
#include <filesystem>

namespace wscast::net {

/// How many processor cores this process may use: those of its affinity, at most what the CPU
/// quotas of its control group and of those above allow (v1 and v2), rounded up; at least 1.
/// `root`: where `proc/self/cgroup` and `sys/fs/cgroup` are. What cannot be read limits nothing.
std::size_t usable_cores(const std::filesystem::path& root = "/");

}  // namespace wscast::net
