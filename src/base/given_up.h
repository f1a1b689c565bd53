#pragma once

#include <exception>

namespace wscast {

/// Logs that something was given up for want of memory: `what` in words, and what was thrown. One
/// line a minute in the whole process; one that cannot be made is left out. Any thread.
void log_given_up(const char* what, const std::exception& error) noexcept;

}  // namespace wscast
