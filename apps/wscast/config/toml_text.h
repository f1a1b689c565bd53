#pragma once

#include <string>
#include <vector>

#include "config/value.h"

namespace wscast::program {

/// `text` as a TOML string.
std::string toml_string(const std::string& text);

/// The texts as a list of TOML strings.
std::string toml_list(const std::vector<std::string>& texts);

/// The value as TOML; an empty string when there is none.
std::string toml_of(const Value& value);

}  // namespace wscast::program
