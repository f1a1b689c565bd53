#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hub/member.h"

namespace wscast::hub {

/// Client ids that a message skips; sorted if there are more than kFewExcluded.
using Exclude = std::span<const ClientId>;
inline constexpr std::size_t kFewExcluded = 8;

/// Whether `exclude`, which is not empty, has the client.
bool contains(Exclude exclude, const ClientId& id);

/// Inline for the common case, an empty one: a fan-out asks it for each member.
inline bool is_excluded(Exclude exclude, const ClientId& id) {
  return !exclude.empty() && contains(exclude, id);
}

/// Result of a fan-out: members that accepted the message, and that refused it.
struct Delivered {
  std::size_t accepted = 0;
  std::size_t dropped = 0;
};

/// A set of members that receive a message together: a room, a topic, or all clients. Joining and
/// leaving take constant time. Shard thread only.
class Group {
 public:
  enum class Kind : std::uint8_t { room, topic, everybody };

  Group(Kind kind, std::string_view name) : kind_(kind), name_(name) {}
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  Kind kind() const { return kind_; }
  const std::string& name() const { return name_; }
  bool empty() const { return members_.empty(); }
  std::size_t size() const { return members_.size(); }
  const std::vector<Member*>& members() const { return members_; }

  /// Returns false if it is a member already. Throws std::bad_alloc: it is no member.
  bool add(Member& member);

  /// Returns false if it is no member.
  bool remove(Member& member) noexcept;

  Delivered deliver(const ws::FrameRef& frame, Exclude exclude);

  /// The same of a message with a position: each member gets the form that it asked for.
  Delivered deliver(HistoryFrames& frames, Exclude exclude);

 private:
  const Kind kind_;
  const std::string name_;
  template <class Message>
  Delivered deliver_each(Message& message, Exclude exclude);

  std::vector<Member*> members_;
};

/// Delivers to one member of a group, unless it is excluded.
void deliver_to(Member& member, const ws::FrameRef& frame, Exclude exclude, Delivered& delivered);

}  // namespace wscast::hub
