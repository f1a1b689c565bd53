#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/redis/pubsub/channel_entry.h"

namespace wscast::redis {

enum class SubscribeVerb : std::uint8_t { subscribe, unsubscribe, psubscribe };

/// `SUBSCRIBE` and so on.
std::string_view text_of(SubscribeVerb verb);

/// The commands that Redis has not wholly confirmed, in the order in which it replies to them. A
/// node must live as long as a command names it.
class SubscribeCommands {
 public:
  struct Command {
    SubscribeVerb verb;
    std::vector<ChannelNode*> nodes;  ///< Never empty.
    std::size_t confirmed = 0;        ///< So many of them, at the front.
  };

  /// Gathers channels into commands that are neither so many nor so long that Redis, or this
  /// server, works on one for long.
  class Writer {
   public:
    /// The commands are appended to `out` and go in flight in `commands`.
    Writer(std::string& out, SubscribeCommands& commands, SubscribeVerb verb)
        : out_(out), commands_(commands), verb_(verb) {}

    void add(ChannelNode& node);

    /// Ends the command.
    void flush();

   private:
    std::string& out_;
    SubscribeCommands& commands_;
    const SubscribeVerb verb_;
    std::vector<ChannelNode*> nodes_;
    std::size_t bytes_ = 0;
  };

  /// Redis confirmed `channel`, or a pattern. Null when the oldest command does not wait for that.
  ChannelNode* confirm(SubscribeVerb verb, std::string_view channel);

  /// Removes the oldest command, which Redis refused; without the nodes that it had confirmed.
  std::optional<Command> take_refused();

  void clear() { in_flight_.clear(); }

 private:
  std::deque<Command> in_flight_;
};

}  // namespace wscast::redis
