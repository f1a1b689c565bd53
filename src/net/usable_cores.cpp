#include "net/usable_cores.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <sched.h>
#include <sstream>
#include <string>
#include <thread>

namespace wscast::net {
namespace {

namespace fs = std::filesystem;

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

std::size_t cores_of_affinity() {
  cpu_set_t cores;
  // Fails on machines with more cores than the set has.
  if (sched_getaffinity(0, sizeof(cores), &cores) != 0) return std::thread::hardware_concurrency();
  return static_cast<std::size_t>(CPU_COUNT(&cores));
}

double ratio(double quota, double period) {
  return quota > 0 && period > 0 ? quota / period : kNoLimit;
}

double number_in(const fs::path& file) {
  double number = -1;
  std::ifstream(file) >> number;
  return number;
}

/// `QUOTA PERIOD`, or `max PERIOD`.
double limit_v2(const fs::path& group) {
  double quota = -1;
  double period = -1;
  std::ifstream(group / "cpu.max") >> quota >> period;
  return ratio(quota, period);
}

double limit_v1(const fs::path& group) {
  return ratio(number_in(group / "cpu.cfs_quota_us"), number_in(group / "cpu.cfs_period_us"));
}

/// The least of the group and those above it. In a container the group's path may be one of the
/// host, which is not there; what is mounted is the group itself then.
double least(double (*limit)(const fs::path&), const fs::path& mount, const fs::path& group) {
  double found = limit(mount);
  fs::path below = mount;
  for (const auto& name : group.relative_path()) found = std::min(found, limit(below /= name));
  return found;
}

bool has_cpu(const std::string& controllers) {
  std::istringstream names(controllers);
  for (std::string name; std::getline(names, name, ',');) {
    if (name == "cpu") return true;
  }
  return false;
}

/// Lines of `proc/self/cgroup` are `NUMBER:CONTROLLERS:PATH`, those of v2 without controllers.
double quota(const fs::path& root) {
  const fs::path mounts = root / "sys/fs/cgroup";
  double found = kNoLimit;
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path group = line.substr(second + 1);
    if (controllers.empty()) found = std::min(found, least(limit_v2, mounts, group));
    if (has_cpu(controllers)) found = std::min(found, least(limit_v1, mounts / controllers, group));
    if (has_cpu(controllers)) found = std::min(found, least(limit_v1, mounts / "cpu", group));
  }
  return found;
}

}  // namespace

std::size_t usable_cores(const fs::path& root) {
  const auto cores = static_cast<double>(cores_of_affinity());
  return static_cast<std::size_t>(std::max(1.0, std::ceil(std::min(cores, quota(root)))));
}

}  // namespace wscast::net
