// The text of a configuration file: what is read from it, what the options make of that, and what
// `config show` writes. A zero byte stands for a line with a secret, as the byte behind it says: no
// fault shows it.

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "config/config_file.h"
#include "config/serve_options.h"
#include "config/toml_text.h"
#include "stream.h"

namespace {

using namespace wscast;
using fuzz::require;
using program::ConfigFile;
using program::Fault;
using program::Option;

/// Good for a text, and for a number that is too long.
constexpr std::string_view kSecret = "832750691477203856140";

/// A line with the secret, as somebody may write it, right or wrong.
std::string secret_line(unsigned char kind) {
  const std::string secret(kSecret);
  const std::string lines[] = {
      "secret = \"" + secret + "\"",  "secret = " + secret,       "secrets = ['" + secret + "']",
      "url = -" + secret + ".5",      "secret = 0x" + secret,     "secret = [1, " + secret + "]",
      "secret = \"" + secret,         "secret = " + secret + "x", "secret = 1e" + secret,
      "secret = [\"" + secret + "\"",
  };
  return "\n" + lines[kind % std::size(lines)] + "\n";
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The options, with their defaults.
struct Options {
  program::ServeArguments arguments;
  program::OptionTable table;

  Options() { program::describe_serve_options(table, arguments); }
};

ConfigFile parse(const std::string& text) {
  static const Options defaults;
  return program::parse_config("x.toml", text, defaults.table);
}

/// What the options of a file have become.
struct Loaded {
  Options options;
  const ConfigFile& file;
  std::vector<Fault> faults;

  explicit Loaded(const ConfigFile& content)
      : file(content), faults(program::assign(content.values, options.table)) {}
};

void check_fault(const Fault& fault, std::size_t lines, bool secret) {
  const std::string text = fault.text();
  require(text.starts_with("x.toml:"), "a fault says where");
  require(std::ranges::none_of(text, [](char c) { return c >= 0 && c < ' '; }),
          "a fault is one line");
  require(fault.line <= lines, "a fault is in the file");
  if (secret) require(!has(text, kSecret.substr(1)), "a fault shows no secret");
}

/// The options that could be read, and the rules, as a file.
std::string written(const Loaded& loaded) {
  std::string out;
  for (const auto& section : loaded.options.table.sections()) {
    out += "[" + section.name + "]\n";
    for (const Option& option : loaded.options.table.options()) {
      if (option.section != section.name || !loaded.file.values.contains(option.path())) continue;
      const bool faulty = std::ranges::any_of(loaded.faults, [&option](const Fault& fault) {
        return fault.where.ends_with(" " + option.path());
      });
      if (!faulty) out += option.name + " = " + program::toml_of(option.value) + "\n";
    }
  }
  for (const auto& rule : loaded.file.rooms) out += "[[rooms]]\n" + rule.toml();
  return out;
}

/// What was written is read as the same.
void check_again(const Loaded& loaded) {
  const std::string text = written(loaded);
  const ConfigFile file = parse(text);
  const Loaded again(file);
  require(file.faults.empty() && again.faults.empty(), "what is written can be read");
  require(written(again) == text, "and is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  if (has(text, kSecret.substr(1, 6))) return 0;  // What stands there already is no secret.
  const std::size_t zero = text.find('\0');
  // Inside of a text of several lines it is no value of its own.
  const bool secret =
      zero != std::string::npos && zero + 1 < size && !has(text, "'''") && !has(text, "\"\"\"");
  if (secret) text.replace(zero, 2, secret_line(data[zero + 1]));
  const ConfigFile file = parse(text);
  const std::size_t lines = 1 + static_cast<std::size_t>(std::ranges::count(text, '\n'));
  for (const Fault& fault : file.faults) check_fault(fault, lines, secret);
  for (const auto& [path, assignment] : file.values) {
    require(assignment.line >= 1 && assignment.line <= lines, "a value stands in the file");
  }
  for (const auto& rule : file.rooms) require(!rule.match.empty(), "a rule has a pattern");
  if (file.values.empty() && file.rooms.empty()) return 0;  // Making options takes a while.
  const Loaded loaded(file);
  for (const Fault& fault : loaded.faults) check_fault(fault, lines, secret);
  check_again(loaded);
  return 0;
}
