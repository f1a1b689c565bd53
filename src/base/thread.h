#pragma once

#include <functional>
#include <string_view>
#include <thread>

namespace wscast {

/// Starts a thread of the library, which never receives a signal of the program (signals.h). `what`
/// names the thread in the std::system_error thrown when the system cannot start one, for instance
/// because of a limit on processes. Any thread.
std::thread start_thread(std::string_view what, std::function<void()> body);

/// The type of start_thread(), for tests that replace it by one that fails.
using StartThread = std::function<std::thread(std::string_view what, std::function<void()> body)>;

}  // namespace wscast
