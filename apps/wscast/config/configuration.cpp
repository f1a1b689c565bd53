#include "config/configuration.h"

#include <algorithm>
#include <utility>

#include <CLI/CLI.hpp>

#include "config/config_file.h"
#include "config/option_flags.h"
#include "config/serve_options.h"

namespace wscast::program {

Configuration::Configuration() {
  describe_serve_options(table_, arguments_);
}

Configuration::Configuration(const ConfigurationSources& sources) : Configuration() {
  has_file_ = !sources.file.empty();
  if (has_file_) read_file(sources.file);
  set(environment_of(table_));
  set(sources.flags);
  for (std::string& fault : table_.read_secret_files()) faults_.push_back({{}, std::move(fault)});
  warnings_ = misspelt_variables(table_);
  check();
}

void Configuration::read_file(const std::string& file) {
  ConfigFile content = read_config_file(file, table_);
  faults_ = std::move(content.faults);
  arguments_.rooms = std::move(content.rooms);
  arguments_.api.keys = std::move(content.api_keys);
  set(content.values);
  std::ranges::stable_sort(faults_, {}, &Fault::line);
}

void Configuration::set(const Assignments& assignments) {
  for (const auto& [path, assignment] : assignments) origins_[path] = assignment.origin;
  for (Fault& fault : assign(assignments, table_)) faults_.push_back(std::move(fault));
}

std::string Configuration::origin(const Option& option) const {
  const auto found = origins_.find(option.path());
  return found == origins_.end() ? "default" : found->second;
}

std::string Configuration::name(const std::string& path) const {
  const Option* option = table_.find(path);
  const auto found = origins_.find(path);
  const bool by_flag = found == origins_.end()
                           ? !has_file_
                           : found->second == option->flag || found->second == option->off_flag;
  return by_flag && !option->flag.empty() ? option->flag : path;
}

void Configuration::check() {
  const Naming naming = [this](const std::string& path) { return name(path); };
  if (!faults_.empty() && !has_file_) return;  // They may be what follows from these.
  const bool auth_is_known = std::ranges::none_of(
      faults_, [](const Fault& fault) { return fault.where.find("auth") != std::string::npos; });
  for (std::string& fault : serve_faults(arguments_, naming, auth_is_known)) {
    faults_.push_back({.where = {}, .what = std::move(fault)});
  }
}

void add_configuration_flags(CLI::App& app, ConfigurationSources& sources) {
  static const Configuration defaults;  // CLI11 refers to its options.
  app.add_option("--config", sources.file,
                 "Configuration file (TOML); flags override it, and so "
                 "does the environment")
      ->type_name("FILE")
      ->envname("WSCAST_CONFIG");
  add_flags(app, defaults.table(), sources.flags);
}

}  // namespace wscast::program
