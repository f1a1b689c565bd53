#pragma once

#include <functional>
#include <string_view>
#include <thread>

namespace wscast {

/// Starts a thread of the library. It never takes a signal that belongs to the program (signals.h).
/// `what` names the thread. Throws std::system_error that says so when the system has no thread
/// left, for instance for a limit on processes. Any thread.
std::thread start_thread(std::string_view what, std::function<void()> body);

/// The same, as a parameter: tests put one in its place that fails.
using StartThread = std::function<std::thread(std::string_view what, std::function<void()> body)>;

}  // namespace wscast
