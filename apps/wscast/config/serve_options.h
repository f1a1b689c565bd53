#pragma once

#include <string>
#include <vector>

#include "config/naming.h"
#include "config/option_table.h"
#include "serve_arguments.h"

namespace wscast::program {

/// Puts all options of `serve` into `table`; their values stand in `arguments`, which must outlive
/// it.
void describe_serve_options(OptionTable& table, ServeArguments& arguments);

/// Those of them that say who may connect, and what goes to the team's backend.
void describe_backend_options(OptionTable& table, ServeArguments& arguments);

/// The options that describe the connection to Redis, which other commands have, too.
void describe_redis_options(OptionTable& table, RedisArguments& redis);

/// What is wrong with options that are each right: one sentence for each fault. `auth_is_known`:
/// whether those that say how clients authenticate could be read.
std::vector<std::string> serve_faults(const ServeArguments& arguments, const Naming& name,
                                      bool auth_is_known = true);

}  // namespace wscast::program
