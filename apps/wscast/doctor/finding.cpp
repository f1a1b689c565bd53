#include "doctor/finding.h"

#include <algorithm>
#include <iterator>

#include "json_writer.h"
#include "one_line.h"
#include "terminal_json.h"

namespace wscast::program {

std::string_view level_word(Finding::Level level) {
  switch (level) {
    case Finding::Level::ok:
      return "ok";
    case Finding::Level::warning:
      return "warning";
    case Finding::Level::error:
      break;
  }
  return "error";
}

std::string finding_text(const Finding& finding) {
  constexpr std::size_t kWidth = 8;
  std::string line(level_word(finding.level));
  line.resize(kWidth, ' ');
  line += finding.check + ": " + finding.what;
  if (!finding.mend.empty()) line += "; " + finding.mend;
  return one_line(line);
}

std::string finding_json(const Finding& finding) {
  return terminal_json(JsonObjectWriter()
                           .text("level", level_word(finding.level))
                           .text("check", finding.check)
                           .text("what", finding.what)
                           .optional_text("mend", finding.mend)
                           .finish());
}

bool has_error(const Findings& findings) {
  return std::ranges::any_of(
      findings, [](const Finding& finding) { return finding.level == Finding::Level::error; });
}

Findings& operator+=(Findings& findings, Findings more) {
  std::ranges::move(more, std::back_inserter(findings));
  return findings;
}

}  // namespace wscast::program
