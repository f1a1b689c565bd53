#pragma once

#include <exception>

#include "base/given_up.h"

namespace wscast::redis {

/// Runs one of several callbacks that are owed: if it throws, for want of memory, the others still
/// run.
template <class Call>
void run_owed(Call call) noexcept {
  try {
    call();
  } catch (const std::exception& error) {
    log_given_up("a callback of the connection to Redis", error);
  }
}

}  // namespace wscast::redis
