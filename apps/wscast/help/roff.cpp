#include "help/roff.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "version.h"

namespace wscast::program {
namespace {

/// A character that roff would take for something else, or print as another.
std::string escaped(char c) {
  switch (c) {
    case '\\':
      return "\\e";
    case '-':
      return "\\-";
    case '\'':
      return "\\(aq";
    case '`':
      return "\\(ga";
    case '"':
      return "\\(dq";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    case ',':
      return ",\\:";  // A line may end here.
    case '\n':
      return " ";
    default:
      return {c};
  }
}

}  // namespace

std::string roff(std::string_view text) {
  std::string out = text.starts_with('.') ? "\\&" : "";
  for (const char c : text) out += escaped(c);
  return out;
}

std::string roff_bold(std::string_view text) {
  return "\\fB" + roff(text) + "\\fR";
}

std::string roff_italic(std::string_view text) {
  return "\\fI" + roff(text) + "\\fR";
}

std::string roff_example(std::string_view text) {
  std::string out = ".PP\n.EX\n";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += roff(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return out + ".EE\n";
}

std::string roff_title(std::string_view name, int section) {
  std::string capitals;
  std::ranges::transform(name, std::back_inserter(capitals),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return ".TH " + roff(capitals) + " " + std::to_string(section) + R"( "" "wscast )" +
         roff(version_number()) + "\" wscast\n.nh\n.ad l\n";
}

std::string roff_section(std::string_view title) {
  return ".SH " + roff(title) + "\n";
}

std::string roff_subsection(std::string_view title) {
  return ".SS " + roff(title) + "\n";
}

std::string roff_entry(const std::string& tag, const std::string& body) {
  return ".TP\n" + tag + "\n" + body + "\n";
}

}  // namespace wscast::program
