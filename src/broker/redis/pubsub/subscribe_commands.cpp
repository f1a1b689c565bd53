#include "broker/redis/pubsub/subscribe_commands.h"

#include <algorithm>
#include <utility>

#include "broker/redis/resp/command.h"

namespace wscast::redis {
namespace {

constexpr std::size_t kMaxChannels = 1'000;
constexpr std::size_t kMaxBytes = 64 * 1024;
constexpr std::size_t kBytesAroundAWord = 12;

}  // namespace

std::string_view text_of(SubscribeVerb verb) {
  switch (verb) {
    case SubscribeVerb::subscribe:
      return "SUBSCRIBE";
    case SubscribeVerb::unsubscribe:
      return "UNSUBSCRIBE";
    case SubscribeVerb::psubscribe:
      break;
  }
  return "PSUBSCRIBE";
}

void SubscribeCommands::Writer::add(ChannelNode& node) {
  const std::size_t size = node.first.view().size();
  const bool full = nodes_.size() >= kMaxChannels || bytes_ + size > kMaxBytes;
  if (node.second.suspect || (!nodes_.empty() && full)) flush();
  nodes_.push_back(&node);
  bytes_ += size + kBytesAroundAWord;
  if (node.second.suspect) flush();
}

void SubscribeCommands::Writer::flush() {
  if (nodes_.empty()) return;
  std::vector<std::string_view> words{text_of(verb_)};
  words.reserve(nodes_.size() + 1);
  for (const ChannelNode* node : nodes_) words.push_back(node->first.view());
  append_command(out_, words);
  commands_.in_flight_.push_back({verb_, std::exchange(nodes_, {})});
  bytes_ = 0;
}

ChannelNode* SubscribeCommands::confirm(SubscribeVerb verb, std::string_view channel) {
  if (in_flight_.empty() || in_flight_.front().verb != verb) return nullptr;
  Command& command = in_flight_.front();
  const auto next = command.nodes.begin() + static_cast<std::ptrdiff_t>(command.confirmed);
  const auto at = std::find_if(next, command.nodes.end(), [channel](const ChannelNode* node) {
    return node->first.view() == channel;
  });
  if (at == command.nodes.end()) return nullptr;
  std::iter_swap(next, at);  // No change, unless something between us and Redis reorders.
  ChannelNode* const node = *next;
  if (++command.confirmed == command.nodes.size()) in_flight_.pop_front();
  return node;
}

std::optional<SubscribeCommands::Command> SubscribeCommands::take_refused() {
  if (in_flight_.empty()) return std::nullopt;
  Command command = std::move(in_flight_.front());
  in_flight_.pop_front();
  command.nodes.erase(command.nodes.begin(),
                      command.nodes.begin() + static_cast<std::ptrdiff_t>(command.confirmed));
  return command;
}

}  // namespace wscast::redis
