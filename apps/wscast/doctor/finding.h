#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wscast::program {

/// One thing that the doctor looked at.
struct Finding {
  enum class Level : std::uint8_t { ok, warning, error };

  Level level = Level::ok;
  std::string check{};  ///< What was looked at, such as `open files`; always the same.
  std::string what{};   ///< What is the case.
  std::string mend{};   ///< What to do; empty if it is ok.
};

using Findings = std::vector<Finding>;

std::string_view level_word(Finding::Level level);

/// The finding in one line, for people or as a JSON object; safe for a terminal.
std::string finding_text(const Finding& finding);
std::string finding_json(const Finding& finding);

bool has_error(const Findings& findings);

/// Appends.
Findings& operator+=(Findings& findings, Findings more);

}  // namespace wscast::program
