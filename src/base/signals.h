#pragma once

namespace wscast {

/// Signals belong to the program: each thread of the library calls this first, and takes none.
void block_signals();

}  // namespace wscast
