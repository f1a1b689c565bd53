#pragma once

#include <signal.h>

namespace wscast {

/// The signals that belong to the program, which the library's threads block. Excludes those that a
/// thread raises itself (SIGSEGV and similar, SIGABRT), since no other thread can handle them, and
/// those of profilers, which go to the thread that uses the CPU.
sigset_t program_signals();

}  // namespace wscast
