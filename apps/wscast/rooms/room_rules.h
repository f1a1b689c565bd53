#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wscast/history.h"

#include "auth/grant.h"

namespace wscast::program {

/// Who may join which rooms, and publish what to them: one `[[rooms]]` of the configuration.
struct RoomRule {
  /// Who decides about a join.
  enum class Join : std::uint8_t { no, yes, webhook };

  std::string match{};  ///< A pattern, in which `*` matches any characters; see matches_room().
  Join join = Join::no;
  bool publish = false;
  std::vector<std::string> events{};     ///< Patterns of events that may be published; empty: all.
  std::optional<HistoryRule> history{};  ///< Without `match`; nothing: such rooms have none.
  std::string place{};                   ///< Where it was written, such as `wscast.toml:12`.

  /// Sets a field from the texts of the file. Returns what is wrong, or an empty text.
  /// Those of an inner table are named as `history.size`.
  std::string set(std::string_view field, const std::vector<std::string>& texts);

  /// What is wrong with all fields together, or an empty text.
  std::string fault() const;

  /// The fields of the rule, as the file has them.
  std::string toml() const;

  /// Whether the rule is for `room` and `client`: `{userId}` in `match` is the client's user, and
  /// `{name}` a text or number of its metadata. A pattern that names what the client does not have
  /// matches nothing. What is put in matches as it is, also a `*`.
  bool matches_room(std::string_view room, const Grant& client) const;
};

/// The rooms with history among those of the rules, in order: what stands in braces in a pattern
/// stands for any characters there.
std::vector<HistoryRule> history_rules(const std::vector<RoomRule>& rules);

/// What the rules say of one client and one room.
struct RoomDecision {
  RoomRule::Join join = RoomRule::Join::no;
  const RoomRule* rule = nullptr;  ///< The one that decided; null: none did.
  bool own = false;                ///< No rule, but a pattern of the client's own grant.
};

/// The rules, in order: the first that matches decides. Without one, a room that is among the
/// client's own patterns may be joined and published to; any other may not. Immutable; any thread.
class RoomRules {
 public:
  RoomRules() = default;
  explicit RoomRules(std::vector<RoomRule> rules) : rules_(std::move(rules)) {}

  RoomDecision decide(const Grant& client, std::string_view room) const;

  /// For a member of the room. Without any rule members may publish what they like.
  bool may_publish(const Grant& client, std::string_view room, std::string_view event) const;

  /// Whether a rule asks the webhook.
  bool ask_webhook() const;

  const std::vector<RoomRule>& all() const { return rules_; }

 private:
  std::vector<RoomRule> rules_;
};

}  // namespace wscast::program
