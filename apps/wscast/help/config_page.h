#pragma once

#include <string>

namespace wscast::program {

/// The page of the manual of the configuration file, wscast.toml: all options.
std::string config_page();

}  // namespace wscast::program
