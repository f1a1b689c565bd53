#include "auth/tokens.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace wscast::program {
namespace {

using nlohmann::json;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw std::runtime_error(file.string() + ": " + what);
}

bool same_in_constant_time(std::string_view secret, std::string_view guess) {
  unsigned different = secret.size() == guess.size() ? 0 : 1;
  for (std::size_t i = 0; i < guess.size(); ++i) {
    const char expected = secret.empty() ? '\0' : secret[i % secret.size()];
    different |= static_cast<unsigned char>(expected ^ guess[i]);
  }
  return different == 0;
}

/// Iterates over a text and counts its lines. Copies share the count.
class LineCounter {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  LineCounter(const char* at, std::size_t& line) : at_(at), line_(&line) {}

  const char& operator*() const { return *at_; }
  LineCounter& operator++() {
    if (*at_++ == '\n') ++*line_;
    return *this;
  }
  friend bool operator==(const LineCounter& a, const LineCounter& b) { return a.at_ == b.at_; }
  friend bool operator!=(const LineCounter& a, const LineCounter& b) { return !(a == b); }

 private:
  const char* at_;
  std::size_t* line_;
};

/// Rejects duplicate names, of which a JSON parser silently keeps the last.
class Names {
 public:
  explicit Names(const std::filesystem::path& file) : file_(file) {}

  void add_token(const std::string& token, std::size_t line) {
    const auto [first, is_new] = tokens_.emplace(token, line);
    if (!is_new) fail(file_, "one token is" + twice(first->second, line));
    names_.clear();
  }

  /// Adds a name of the last token's object.
  void add_name(const std::string& name, std::size_t line) {
    const auto [first, is_new] = names_.emplace(name, line);
    if (!is_new) fail(file_, "\"" + name + "\" of one token is" + twice(first->second, line));
  }

 private:
  static std::string twice(std::size_t first, std::size_t second) {
    return " in line " + std::to_string(first) + " and again in line " + std::to_string(second);
  }

  const std::filesystem::path& file_;
  std::map<std::string, std::size_t> tokens_;
  std::map<std::string, std::size_t> names_;
};

json parse_json(const std::filesystem::path& file, const std::string& text) {
  constexpr int token_depth = 1;
  constexpr int name_depth = 2;
  std::size_t line = 1;
  Names names(file);
  const auto look = [&](int depth, json::parse_event_t event, const json& parsed) {
    if (event != json::parse_event_t::key) return true;
    if (depth == token_depth) names.add_token(parsed.get_ref<const std::string&>(), line);
    if (depth == name_depth) names.add_name(parsed.get_ref<const std::string&>(), line);
    return true;
  };
  return json::parse(LineCounter(text.data(), line), LineCounter(text.data() + text.size(), line),
                     look);
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  // A directory can be opened, but not read.
  if (!stream || std::filesystem::is_directory(file)) fail(file, "cannot be read");
  try {
    return {std::istreambuf_iterator<char>(stream), {}};
  } catch (const std::ios_base::failure&) {
    fail(file, "cannot be read");
  }
}

json content_of(const std::filesystem::path& file, const std::string& text) {
  try {
    return parse_json(file, text);
  } catch (const json::parse_error& error) {
    fail(file, "not JSON, at byte " + std::to_string(error.byte));
  } catch (const json::exception&) {
    fail(file, "has a number that is too large");
  }
}

Grant grant_of(const std::filesystem::path& file, const json& entry) {
  if (!entry.is_object()) fail(file, "each token's value must be an object");
  for (const auto& [name, value] : entry.items()) {
    // A misspelt `rooms` would silently allow none.
    if (name != "userId" && name != "rooms" && name != "metadata") {
      fail(file, "\"" + name + "\" is not one of userId, rooms, metadata");
    }
  }
  const auto user = entry.find("userId");
  if (user == entry.end() || !user->is_string() || user->get_ref<const std::string&>().empty()) {
    fail(file, "each token needs a userId that is a string");
  }
  Grant grant{
      .user_id = user->get<std::string>(),
  };
  const auto rooms = entry.find("rooms");
  if (rooms == entry.end()) return grant;
  if (!rooms->is_array()) fail(file, "rooms must be an array of strings");
  for (const json& room : *rooms) {
    if (!room.is_string()) fail(file, "rooms must be an array of strings");
    grant.room_patterns.push_back(room.get<std::string>());
  }
  return grant;
}

}  // namespace

Tokens Tokens::read(const std::filesystem::path& file) {
  return parse(file, text_of(file));
}

Tokens Tokens::parse(const std::filesystem::path& file, const std::string& text) {
  const json content = content_of(file, text);
  if (!content.is_object() || content.empty()) fail(file, "must be an object with a token or more");
  Tokens tokens;
  for (const auto& [token, entry] : content.items()) {
    if (token.empty()) fail(file, "a token must not be empty");
    tokens.entries_.push_back({token, grant_of(file, entry)});
  }
  return tokens;
}

std::optional<Grant> Tokens::find(std::string_view token) const {
  const Entry* found = nullptr;
  for (const Entry& entry : entries_) {
    if (same_in_constant_time(entry.token, token)) found = &entry;
  }
  return found == nullptr ? std::nullopt : std::optional(found->grant);
}

}  // namespace wscast::program
