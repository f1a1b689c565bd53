#include "tokens.h"

#include <algorithm>
#include <fstream>
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

json content_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  // A directory opens, and fails at its first byte.
  if (!stream || std::filesystem::is_directory(file)) fail(file, "cannot be read");
  try {
    return json::parse(stream);
  } catch (const std::ios_base::failure&) {
    fail(file, "cannot be read");
  } catch (const json::parse_error& error) {
    fail(file, "not JSON, at byte " + std::to_string(error.byte));
  } catch (const json::exception&) {
    fail(file, "has a number that is too large");
  }
}

Grant grant_of(const std::filesystem::path& file, const json& entry) {
  if (!entry.is_object()) fail(file, "each token's value must be an object");
  for (const auto& [name, value] : entry.items()) {
    // A misspelt name would silently mean no rooms.
    if (name != "userId" && name != "rooms" && name != "metadata") {
      fail(file, "\"" + name + "\" is none of userId, rooms, metadata");
    }
  }
  const auto user = entry.find("userId");
  if (user == entry.end() || !user->is_string() || user->get_ref<const std::string&>().empty()) {
    fail(file, "each token needs a userId that is a string");
  }
  Grant grant{.user_id = user->get<std::string>(), .room_patterns = {}};
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

bool fits(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  // The shortest match of what stands before the next star leaves the most to what follows.
  pattern.remove_prefix(star + 1);
  text.remove_prefix(star);
  while (true) {
    const std::size_t next = pattern.find('*');
    const std::string_view part = pattern.substr(0, next);
    if (next == std::string_view::npos) return text.ends_with(part);
    const std::size_t at = text.find(part);
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + part.size());
    pattern.remove_prefix(next + 1);
  }
}

bool Grant::allows(std::string_view room) const {
  return std::ranges::any_of(room_patterns,
                             [room](const std::string& pattern) { return fits(pattern, room); });
}

Tokens Tokens::read(const std::filesystem::path& file) {
  const json content = content_of(file);
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
