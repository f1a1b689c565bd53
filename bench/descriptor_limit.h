#pragma once

#include <sys/resource.h>

namespace wscast::bench {

/// Lets this process open as many descriptors as the system allows it.
inline void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace wscast::bench
