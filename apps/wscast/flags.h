#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/value.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
class Option;
}  // namespace CLI

namespace wscast::program {

/// Adds flags to a command, one kind per function. The variable that a flag writes to holds its
/// default and must outlive the parsing; an invalid text ends that with an error that names the
/// flag.
class Flags {
 public:
  Flags(CLI::App& app, std::string group) : app_(app), group_(std::move(group)) {}

  void duration(const std::string& name, std::chrono::milliseconds& into, const std::string& help,
                const Range& range = {});

  /// Also accepts `forever`, which is milliseconds::max().
  void duration_or_forever(const std::string& name, std::chrono::milliseconds& into,
                           const std::string& help);

  template <class Number>
  void size(const std::string& name, Number& into, const std::string& help,
            const Range& range = {}) {
    add(name, size_value(into, range), help);
  }

  void count(const std::string& name, std::size_t& into, const std::string& help,
             const Range& range = {});

  void text(const std::string& name, std::string& into, const std::string& type,
            const std::string& help);

  void choice(const std::string& name, std::string& into, const std::vector<std::string>& choices,
              const std::string& help);

  /// The flag may be repeated. Skipping empty texts allows an empty list.
  void list(const std::string& name, std::vector<std::string>& into, const std::string& help,
            EmptyText empty = EmptyText::skipped);

  /// Permission bits of a file in octal, such as 0660.
  void mode(const std::string& name, std::optional<unsigned>& into, const std::string& help);

  CLI::Option* on(const std::string& name, bool& into, const std::string& help);

  /// Sets `into` to false.
  CLI::Option* off(const std::string& name, bool& into, const std::string& help);

 private:
  void add(const std::string& name, const Value& value, const std::string& help);

  CLI::App& app_;
  std::string group_;
};

}  // namespace wscast::program
