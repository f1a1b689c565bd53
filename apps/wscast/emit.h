#pragma once

#include <string>
#include <vector>

#include "redis_flags.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// What `wscast emit` was asked for.
struct EmitArguments {
  RedisArguments redis;
  std::string to;    ///< room, client, user or broadcast
  std::string name;  ///< Of the room, client or user.
  std::string event;
  std::string json;  ///< `-`: a value a line on standard input.
  std::vector<std::string> exclude;
  bool verbose = false;
};

/// Adds the flags and subcommands of `emit` to `app`; `arguments` is filled when it parses, and
/// must outlive it.
void add_emit_flags(CLI::App& app, EmitArguments& arguments);

/// Sends, and answers the exit code: 0 when all was sent, 1 when not. Throws when it cannot start.
int emit(const EmitArguments& arguments);

}  // namespace wscast::program
