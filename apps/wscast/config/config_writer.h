#pragma once

#include <string>

#include "config/configuration.h"

namespace wscast::program {

/// A commented configuration file: every option with its default, and what is needed to start, with
/// `secret` for tokens.
std::string initial_config(const std::string& secret);

/// What is in force, as a configuration file, with the origin of each value; secrets are hidden.
std::string shown_config(const Configuration& configuration);

/// The reference page of all options, as Markdown.
std::string config_reference();

}  // namespace wscast::program
