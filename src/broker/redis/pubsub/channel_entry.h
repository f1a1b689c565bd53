#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <boost/unordered_map.hpp>

#include "base/short_text.h"
#include "base/string_hash.h"

namespace wscast::redis {

/// A channel's subscription, as Redis has it at the point that the commands written so far lead to.
enum class ChannelState : std::uint8_t { none, subscribing, subscribed, unsubscribing, refused };

/// One channel of Subscriptions.
struct ChannelEntry {
  std::int32_t needed = 0;
  ChannelState state = ChannelState::none;
  bool changed : 1 = false;  ///< Queued for the next commands.
  bool delayed : 1 = false;  ///< Queued for a delayed unsubscribe.
  bool renewed : 1 = false;  ///< Needed again while the unsubscribe was delayed.
  bool suspect : 1 = false;  ///< Was in a refused command: gets a command of its own.
  bool initial : 1 = false;  ///< Needed when the connection came up, and not answered yet.
  bool missed : 1 = false;   ///< Refused while it was needed, and not subscribed since.
  std::unique_ptr<std::vector<std::uint64_t>> pending{};  ///< Numbers of PendingSubscriptions.
};

struct ChannelHash : StringHash {
  using StringHash::operator();
  std::size_t operator()(const ShortText& name) const noexcept { return (*this)(name.view()); }
};
struct ChannelEqual {
  using is_transparent = void;
  static std::string_view name(std::string_view text) { return text; }
  static std::string_view name(const ShortText& text) { return text.view(); }
  bool operator()(const auto& a, const auto& b) const noexcept { return name(a) == name(b); }
};

/// A map whose nodes stay where they are: queues and commands point to them.
using Channels = boost::unordered_map<ShortText, ChannelEntry, ChannelHash, ChannelEqual>;
using ChannelNode = Channels::value_type;

}  // namespace wscast::redis
