#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/grant.h"

namespace wscast::program {

/// The tokens that authenticate clients, from a JSON file:
///
///     {"<token>": {"userId": "alice", "rooms": ["lobby", "team-*"], "metadata": {...}}}
///
/// `userId` is required; without `rooms` no room may be joined; `metadata` is ignored.
/// Immutable; any thread.
class Tokens {
 public:
  /// Reads a file. Throws std::runtime_error that names the file and what is wrong with it.
  static Tokens read(const std::filesystem::path& file);

  /// The same for the content of a file, whose name is for messages.
  static Tokens parse(const std::filesystem::path& file, const std::string& text);

  /// Looks a token up; std::nullopt if it is unknown. Compares with every token, in a time that
  /// does not depend on where they differ.
  std::optional<Grant> find(std::string_view token) const;

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string token;
    Grant grant;
  };

  std::vector<Entry> entries_;
};

}  // namespace wscast::program
