#pragma once

#include <string>

#include "config/configuration.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// The arguments of `wscast config`, which is about configuration files.
struct ConfigArguments {
  enum class Action : std::uint8_t { none, check, init, show, reference };

  Action action = Action::none;
  std::string file = "wscast.toml";  ///< Of `check` and `init`.
  bool force = false;                ///< Of `init`: write over a file.
  ConfigurationSources sources;      ///< Of `show`.
};

/// Adds `check`, `init`, `show` and `reference` to `app`; `arguments` is filled when it parses, and
/// must outlive it.
void add_config_flags(CLI::App& app, ConfigArguments& arguments);

/// Runs the action. Returns the exit code: 1 if `check` or `show` found something wrong.
int run_config(const ConfigArguments& arguments);

}  // namespace wscast::program
