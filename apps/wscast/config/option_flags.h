#pragma once

#include "config/assignments.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// Adds the flags of `table` to a command. Parsing writes what they say to `into`; both must
/// outlive it.
void add_flags(CLI::App& app, const OptionTable& table, Assignments& into);

}  // namespace wscast::program
