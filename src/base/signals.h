#pragma once

#include <signal.h>

namespace wscast {

/// Signals belong to the program: the library's threads block these. Not among them are those that
/// a thread is sent for what it does itself (SIGSEGV and its like, SIGABRT), which no other thread
/// can handle, and those of profilers, which are meant for whoever uses the CPU.
sigset_t signals_of_the_program();

}  // namespace wscast
