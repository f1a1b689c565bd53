#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/assignments.h"
#include "config/fault.h"
#include "config/option_table.h"
#include "serve_arguments.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// Where what `serve` is started with comes from: a file, the environment over it, flags over both.
struct ConfigurationSources {
  std::string file{};  ///< Empty: none.
  Assignments flags{};
};

/// The options of `serve`, from their sources. Immutable once loaded.
class Configuration {
 public:
  /// The defaults.
  Configuration();

  /// Reads the sources. Never throws for what is wrong with them: see faults().
  explicit Configuration(const ConfigurationSources& sources);

  Configuration(const Configuration&) = delete;  // The table refers to the arguments.
  Configuration& operator=(const Configuration&) = delete;

  const ServeArguments& arguments() const { return arguments_; }
  const OptionTable& table() const { return table_; }

  /// Everything that is wrong, in the order of the sources.
  const std::vector<Fault>& faults() const { return faults_; }

  /// What to look at, though it is not wrong: one sentence each.
  const std::vector<std::string>& warnings() const { return warnings_; }

  /// Where the value of an option comes from: `wscast.toml:12`, a variable, a flag, or `default`.
  std::string origin(const Option& option) const;

  /// How a message calls an option: by its flag if it was given as such, or if there is no file.
  std::string name(const std::string& path) const;

 private:
  void read_file(const std::string& file);
  void set(const Assignments& assignments);
  void check();

  ServeArguments arguments_;
  OptionTable table_;
  std::map<std::string, std::string, std::less<>> origins_;
  std::vector<Fault> faults_;
  std::vector<std::string> warnings_;
  bool has_file_ = false;
};

/// Adds `--config` and the flags of `serve` to a command. Parsing fills `sources`, which must
/// outlive it.
void add_configuration_flags(CLI::App& app, ConfigurationSources& sources);

}  // namespace wscast::program
