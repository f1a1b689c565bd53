#pragma once

#include <cstddef>

#include "wscast/export.h"

namespace wscast {

/// Raises the soft limit of open descriptors of this process to the hard limit, and returns it.
/// Each connection takes one descriptor. The library never calls it: a program does, before it
/// makes its first server.
WSCAST_EXPORT std::size_t raise_descriptor_limit();

}  // namespace wscast
