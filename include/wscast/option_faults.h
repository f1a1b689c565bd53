#pragma once

#include <string>
#include <vector>

#include "wscast/export.h"

namespace wscast {

/// Joins the sentences that `validate()` of an options struct returned, with a space between them;
/// empty if there are none.
WSCAST_EXPORT std::string joined_faults(const std::vector<std::string>& sentences);

}  // namespace wscast
