#pragma once

#include "wscast/client.h"

namespace wscast::program {

/// Whether a server refuses this client, so that another attempt would fail as well.
bool is_refusal(const ClientError& error);

}  // namespace wscast::program
