#pragma once

#include <cstddef>

#include "wscast/export.h"

namespace wscast {

/// Raises this process's soft limit of open descriptors to the hard one and answers it. Each
/// connection takes one. A program calls it before it makes a server; the library never does.
WSCAST_EXPORT std::size_t raise_descriptor_limit();

}  // namespace wscast
