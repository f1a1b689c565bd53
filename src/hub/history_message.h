#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wscast/history.h"

#include "base/client_id.h"
#include "ws/frame.h"

namespace wscast::hub {

/// A message of a room with history, in its two forms: with its position, for clients that asked
/// for that, and as any other (protocol.md H4). Each is encoded when the first receiver of all
/// shards needs it. Immutable otherwise; any thread.
class HistoryMessage {
 public:
  struct Parts {
    std::string room;
    Position position;
    std::string event;
    std::string head;  ///< The JSON text of the message, without its last brace.
    std::string tail;  ///< What follows in the form with the position, the brace included.
    std::vector<ClientId> exclude{};  ///< Sorted.
    std::string trace{};              ///< Its id, if it is followed (protocol.md X12).

    /// Whether a client that reads too slowly gets it later, from the history (protocol.md H7).
    bool replay = true;
  };

  explicit HistoryMessage(Parts parts) : parts_(std::move(parts)) {}

  const std::string& room() const { return parts_.room; }
  const Position& position() const { return parts_.position; }
  std::uint64_t offset() const { return parts_.position.offset; }
  const std::string& event() const { return parts_.event; }
  const std::string& trace() const { return parts_.trace; }
  std::span<const ClientId> exclude() const { return parts_.exclude; }
  bool replay() const { return parts_.replay; }

  /// Bytes of the longer form, and about what it takes in memory.
  std::size_t bytes() const { return parts_.head.size() + parts_.tail.size(); }
  std::size_t memory() const { return sizeof(HistoryMessage) + 3 * bytes(); }

  ws::SharedFrame plain() const { return encoded(plain_, "}"); }
  ws::SharedFrame positioned() const { return encoded(positioned_, parts_.tail); }

 private:
  struct Form {
    std::once_flag once;
    ws::SharedFrame frame;
  };

  ws::SharedFrame encoded(Form& form, std::string_view end) const;

  const Parts parts_;
  mutable Form plain_;
  mutable Form positioned_;
};

using SharedHistoryMessage = std::shared_ptr<const HistoryMessage>;

/// One message on its way to clients of one shard. Shard thread only.
class HistoryFrames {
 public:
  explicit HistoryFrames(const HistoryMessage& message, ws::FrameOrigin origin = {})
      : message_(message), origin_(std::move(origin)) {}

  const HistoryMessage& message() const { return message_; }

  /// One of the two forms, shared by all its receivers on the shard.
  const ws::FrameRef& plain() {
    if (!plain_) plain_ = ws::FrameRef::of(message_.plain(), origin_);
    return plain_;
  }
  const ws::FrameRef& positioned() {
    if (!positioned_) positioned_ = ws::FrameRef::of(message_.positioned(), origin_);
    return positioned_;
  }

 private:
  const HistoryMessage& message_;
  const ws::FrameOrigin origin_;
  ws::FrameRef plain_;
  ws::FrameRef positioned_;
};

}  // namespace wscast::hub
