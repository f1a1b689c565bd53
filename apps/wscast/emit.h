#pragma once

#include <string>
#include <vector>

#include "wscast/history.h"

#include "redis_flags.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// The arguments of `wscast emit`.
struct EmitArguments {
  RedisArguments redis;
  std::string to;    ///< room, client, user or broadcast
  std::string name;  ///< The name or id of the room, client or user; empty for broadcast.
  std::string event;
  std::string json;  ///< `-`: one JSON text per line of standard input.
  std::vector<std::string> exclude;
  bool history = false;  ///< Of a room: write to it, with `limits` and `key`.
  HistoryLimits limits{};
  std::string key;
  bool verbose = false;
};

/// Adds the flags and subcommands of `emit` to `app`; `arguments` is filled when it parses, and
/// must outlive it.
void add_emit_flags(CLI::App& app, EmitArguments& arguments);

/// Sends the messages. Returns the exit code: 0 if all were sent, else 1. Throws if it cannot
/// start.
int emit(const EmitArguments& arguments);

}  // namespace wscast::program
