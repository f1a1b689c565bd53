#pragma once

#include <string>
#include <vector>

#include "wscast/server_options.h"

namespace wscast::server {

/// What the options of a running server become, and what they cannot become.
struct OptionChanges {
  ServerOptions options;             ///< Those wanted, with what cannot change as it was.
  std::vector<std::string> refused;  ///< A sentence for each option that cannot change.
};

/// Both are those of a user. The broker and the hooks of `wanted` are not looked at. Throws
/// std::invalid_argument that names everything wrong with the options.
OptionChanges changes_to(const ServerOptions& current, ServerOptions wanted);

/// The ready-made encryption decides which clients are encrypted.
ServerOptions completed(ServerOptions options);

/// The options that each shard has its own copy of.
struct ShardOptions {
  SessionOptions session;
  TransportOptions transport;
  std::vector<std::string> allowed_origins;
};

}  // namespace wscast::server
