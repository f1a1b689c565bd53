#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wscast::program {

/// What a token of the tokens file allows; the client's metadata in the server.
struct Grant {
  std::string user_id;
  std::vector<std::string> room_patterns;  ///< `*` stands for any characters, also none.

  bool allows(std::string_view room) const;
};

/// The tokens that authenticate, read from a JSON file:
///
///     {"<token>": {"userId": "alice", "rooms": ["lobby", "team-*"], "metadata": {...}}}
///
/// `userId` is required; without `rooms` none may be joined; `metadata` is for the reader.
/// Immutable; any thread.
class Tokens {
 public:
  /// Throws std::runtime_error that names the file and what is wrong with it.
  static Tokens read(const std::filesystem::path& file);

  /// Compares with every token, in a time that tells nothing about where they differ.
  std::optional<Grant> find(std::string_view token) const;

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string token;
    Grant grant;
  };

  std::vector<Entry> entries_;
};

/// Whether `text` fits `pattern`, in which `*` stands for any characters.
bool fits(std::string_view pattern, std::string_view text);

}  // namespace wscast::program
