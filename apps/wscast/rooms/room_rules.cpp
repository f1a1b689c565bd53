#include "rooms/room_rules.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <nlohmann/json.hpp>

#include "config/near_miss.h"
#include "config/toml_text.h"
#include "quantity.h"

namespace wscast::program {
namespace {

using Texts = std::vector<std::string>;

/// The text that `{name}` stands for; std::nullopt if the client has none.
std::optional<std::string> field_of(const Grant& client, std::string_view name) {
  if (name == "userId") {
    return client.user_id.empty() ? std::nullopt : std::optional(client.user_id);
  }
  const auto metadata = nlohmann::json::parse(client.metadata, nullptr, false);
  const auto found = metadata.is_object() ? metadata.find(name) : metadata.end();
  if (!metadata.is_object() || found == metadata.end()) return std::nullopt;
  if (found->is_string()) return found->get<std::string>();
  if (found->is_number_integer()) return found->dump();
  return std::nullopt;
}

/// A pattern in parts: texts that must come in order, with anything between them where a star was.
struct Parts {
  std::vector<std::string> texts{""};  ///< One more than there are stars.
};

/// std::nullopt if the client lacks what the pattern names.
std::optional<Parts> expand(std::string_view pattern, const Grant& client) {
  Parts parts;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::size_t end = pattern[i] == '{' ? pattern.find('}', i) : std::string_view::npos;
    if (pattern[i] == '*') {
      parts.texts.emplace_back();
    } else if (end != std::string_view::npos) {
      const auto field = field_of(client, pattern.substr(i + 1, end - i - 1));
      if (!field) return std::nullopt;
      parts.texts.back() += *field;
      i = end;
    } else {
      parts.texts.back() += pattern[i];
    }
  }
  return parts;
}

bool matches_parts(const Parts& parts, std::string_view text) {
  const auto& texts = parts.texts;
  if (texts.size() == 1) return text == texts.front();
  if (!text.starts_with(texts.front())) return false;
  text.remove_prefix(texts.front().size());
  // The shortest match of each leaves the most to what follows.
  for (std::size_t i = 1; i + 1 < texts.size(); ++i) {
    const std::size_t at = text.find(texts[i]);
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + texts[i].size());
  }
  return text.ends_with(texts.back());
}

std::string wrong_pattern(const std::string& pattern) {
  bool open = false;
  for (const char c : pattern) {
    if (c == '{' && open) return "\"" + pattern + "\" has a { inside of { }";
    if (c == '}' && !open) return "\"" + pattern + "\" has a } without a {";
    if (c == '{') open = true;
    if (c == '}') open = false;
  }
  if (open) return "\"" + pattern + "\" has a { without a }";
  return pattern.empty() ? "must not be empty" : "";
}

std::optional<bool> boolean(const std::string& text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

/// Sets a field of `history`. Returns what is wrong, or an empty text.
std::string set_history(std::string_view field, const std::string& text, HistoryRule& history) {
  constexpr std::uint64_t kMaxSize = 100'000;
  constexpr std::chrono::hours kMaxTtl(24 * 30);
  if (field == "size") {
    const auto size = parse_count(text);
    history.limits.size = size.value_or(0);
    return size && *size > 0 && *size <= kMaxSize ? "" : "is not a number from 1 to 100000";
  }
  if (field == "ttl") {
    const auto ttl = parse_duration(text);
    history.limits.ttl = ttl.value_or(std::chrono::milliseconds(0));
    const bool good = ttl && *ttl >= std::chrono::seconds(1) && *ttl <= kMaxTtl;
    return good ? "" : "is not a time from 1s to 720h";
  }
  if (field != "replay") return "is no field" + did_you_mean(field, {"size", "ttl", "replay"});
  history.replay = text == "true";
  return text == "true" || text == "false" ? "" : "is neither true nor false";
}

}  // namespace

std::string RoomRule::set(std::string_view field, const Texts& texts) {
  if (field == "match") {
    if (texts.size() != 1) return "takes one pattern; write another [[rooms]] for another";
    match = texts.front();
    return wrong_pattern(match);
  }
  if (field == "events") {
    events = texts;
    return texts.empty() ? "lists no event; without events all may be published" : "";
  }
  if (field == "history" && texts == Texts{"true"}) return history.emplace(), "";
  if (field == "history") return "is true, or a table such as { size = 1000, ttl = \"10m\" }";
  if (field.starts_with("history.") && texts.size() == 1) {
    if (!history) history.emplace();
    return set_history(field.substr(field.find('.') + 1), texts.front(), *history);
  }
  if (field != "join" && field != "publish") {
    return "is no field of a rule" +
           did_you_mean(field, {"match", "join", "publish", "events", "history"});
  }
  const std::optional<bool> value = texts.size() == 1 ? boolean(texts.front()) : std::nullopt;
  if (field == "publish") {
    publish = value.value_or(false);
    return value ? "" : "is neither true nor false";
  }
  const bool asks = texts.size() == 1 && texts.front() == "webhook";
  join = asks ? Join::webhook : value.value_or(false) ? Join::yes : Join::no;
  return asks || value ? "" : "is neither true, false nor \"webhook\"";
}

std::string RoomRule::fault() const {
  return match.empty() ? "a rule needs match, a pattern such as \"team-*\"" : "";
}

std::string RoomRule::toml() const {
  constexpr const char* kJoin[] = {"false", "true", "\"webhook\""};  // NOLINT(*-c-arrays)
  std::string out = "match = " + toml_string(match) +
                    "\njoin = " + kJoin[static_cast<std::size_t>(join)] +
                    "\npublish = " + (publish ? "true" : "false") + "\n";
  if (!events.empty()) out += "events = " + toml_list(events) + "\n";
  if (history) {
    out += "history = { size = " + std::to_string(history->limits.size) +
           ", ttl = " + toml_string(duration_text(history->limits.ttl)) +
           ", replay = " + (history->replay ? "true" : "false") + " }\n";
  }
  return out;
}

bool RoomRule::matches_room(std::string_view room, const Grant& client) const {
  const auto parts = expand(match, client);
  return parts && matches_parts(*parts, room);
}

std::vector<HistoryRule> history_rules(const std::vector<RoomRule>& rules) {
  std::vector<HistoryRule> found;
  for (const RoomRule& rule : rules) {
    if (!rule.history) continue;
    HistoryRule& history = found.emplace_back(*rule.history);
    bool open = false;
    for (const char c : rule.match) {
      if (!open) history.match += c == '{' ? '*' : c;
      if (c == '{' || c == '}') open = c == '{';
    }
  }
  return found;
}

RoomDecision RoomRules::decide(const Grant& client, std::string_view room) const {
  for (const RoomRule& rule : rules_) {
    if (rule.matches_room(room, client)) return {.join = rule.join, .rule = &rule};
  }
  const bool own = client.allows(room);
  return {.join = own ? RoomRule::Join::yes : RoomRule::Join::no, .own = own};
}

bool RoomRules::may_publish(const Grant& client, std::string_view room,
                            std::string_view event) const {
  if (rules_.empty()) return true;
  const RoomDecision decision = decide(client, room);
  if (decision.rule == nullptr) return decision.own;
  const RoomRule& rule = *decision.rule;
  const auto names = [event](const std::string& pattern) { return matches(pattern, event); };
  return rule.publish && (rule.events.empty() || std::ranges::any_of(rule.events, names));
}

bool RoomRules::ask_webhook() const {
  return std::ranges::any_of(
      rules_, [](const RoomRule& rule) { return rule.join == RoomRule::Join::webhook; });
}

}  // namespace wscast::program
