#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <unistd.h>

#include "config/assignments.h"
#include "config/near_miss.h"

namespace wscast::program {
namespace {

constexpr std::string_view kPrefix = "WSCAST_";

/// The names of variables in the environment that begin with kPrefix, without it.
std::vector<std::string> given_names() {
  std::vector<std::string> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    if (!variable.starts_with(kPrefix)) continue;
    out.emplace_back(variable.substr(kPrefix.size(), variable.find('=') - kPrefix.size()));
  }
  return out;
}

}  // namespace

std::vector<std::string> parted(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t comma = text.find(',', begin);
    parts.push_back(text.substr(begin, comma - begin));
    if (comma == std::string::npos) return parts;
    begin = comma + 1;
  }
}

Assignments environment_of(const OptionTable& table) {
  Assignments out;
  for (const Option& option : table.options()) {
    const char* value = std::getenv(option.variable.c_str());
    if (value == nullptr || *value == '\0') continue;
    const bool many = option.value.kind == Value::Kind::list && option.separated;
    out[option.path()] = {.texts = many ? parted(value) : std::vector<std::string>{value},
                          .origin = option.variable};
  }
  return out;
}

std::vector<std::string> misspelt_variables(const OptionTable& table) {
  std::vector<std::string> known;
  for (const Option& option : table.options()) {
    known.push_back(option.variable.substr(kPrefix.size()));
  }
  std::vector<std::string> out;
  for (const std::string& name : given_names()) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const auto meant = near_miss(name, known);
    if (!meant) continue;
    out.push_back("the variable " + std::string(kPrefix) + name + " is no option, did you mean " +
                  std::string(kPrefix) + *meant + "?");
  }
  return out;
}

}  // namespace wscast::program
