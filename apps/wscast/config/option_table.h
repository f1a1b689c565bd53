#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "config/value.h"

namespace wscast::program {

/// One option of `serve`. Flags, environment, configuration file and reference page come from it.
struct Option {
  std::string name;  ///< In its section of the file, such as `message_rate`.
  Value value;
  std::string help;

  std::string flag{};       ///< Empty: `--` and the name; `-`: none.
  std::string off_flag{};   ///< Of a boolean: the flag that sets false.
  std::string variable{};   ///< Empty: `WSCAST_`, the section and the name.
  bool separated = true;    ///< Of a list: commas part the texts of flags and variables.
  bool reloadable = false;  ///< Whether SIGHUP applies it.
  bool secret = false;      ///< Whether it is shown.

  std::string section{};  ///< Set by the table.
  std::string path() const { return section + "." + name; }
};

/// A section of the file, and a group of flags.
struct OptionSection {
  std::string name;   ///< In the file, such as `auth.jwt`.
  std::string title;  ///< Of the group of flags, such as `Limits`.
};

/// All options, in order. Their values stand in variables that must outlive the table.
class OptionTable {
 public:
  OptionTable() = default;
  OptionTable(const OptionTable&) = delete;
  OptionTable& operator=(const OptionTable&) = delete;

  /// Begins a section: add() puts options into it.
  void begin(std::string name, std::string title);

  void add(Option option);

  /// Adds an option whose value, in `into`, is a secret, and `NAME_file`, the path of a file with
  /// it. Without a flag in `option` only the latter has one: arguments are visible to all users of
  /// a machine.
  void add_secret(Option option, std::string& into);

  const std::deque<Option>& options() const { return options_; }
  const std::vector<OptionSection>& sections() const { return sections_; }

  /// Null if there is none. `path`: section and name, with a dot between them.
  const Option* find(std::string_view path) const;

  /// Reads the files of secrets. Returns what is wrong with them, one sentence each.
  std::vector<std::string> read_secret_files();

 private:
  struct Secret {
    std::string path;
    std::string* into;
    std::string file{};
  };

  std::vector<OptionSection> sections_;
  std::deque<Option> options_;
  std::deque<Secret> secrets_;
};

/// The content of a file without the line break at its end. Throws std::invalid_argument that names
/// the file.
std::string secret_in(const std::string& file);

}  // namespace wscast::program
