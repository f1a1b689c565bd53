#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "config/fault.h"
#include "config/option_table.h"

namespace wscast::program {

/// What one source says of an option.
struct Assignment {
  std::vector<std::string> texts;
  std::string origin;    ///< Where: `wscast.toml:12`, `WSCAST_LOG_LEVEL` or `--log-level`.
  std::size_t line = 0;  ///< In the file; 0: not there.
};

/// By the path of the option.
using Assignments = std::map<std::string, Assignment, std::less<>>;

/// Sets the options of `table`. Returns what cannot be read.
std::vector<Fault> assign(const Assignments& assignments, const OptionTable& table);

/// What the environment says of the options of `table`. Empty variables say nothing.
Assignments environment_of(const OptionTable& table);

/// Variables of the environment that are almost called like those of options, one sentence each.
std::vector<std::string> misspelt_variables(const OptionTable& table);

/// The texts that stand in one, with commas between them.
std::vector<std::string> parted(const std::string& text);

}  // namespace wscast::program
