#pragma once

#include <cstddef>
#include <cstdint>

#include "base/thin_vector.h"
#include "hub/client_record.h"
#include "hub/history_message.h"
#include "ws/frame.h"

namespace wscast::hub {

class Group;

/// Whether a message is addressed to one client by its id, or to a group.
enum class Address : std::uint8_t { client, group };

/// One client in the hub, with the groups that it is in. Shard thread only; removed from the hub
/// before it is destroyed.
class Member : public ClientRecord {
 public:
  using ClientRecord::ClientRecord;

  /// Queues a message for the client. Returns > 0 or -1 if accepted, 0 if dropped (protocol.md
  /// T12), of several in one frame for all of them. Must not change the hub. What fails for one
  /// receiver must not reach the others.
  virtual int deliver(const ws::FrameRef& frame, Address address) noexcept = 0;

  /// The same of a message of a room with history, in the form that the client asked for.
  virtual int deliver_positioned(HistoryFrames& frames) noexcept {
    return deliver(frames.plain(), Address::group);
  }

  /// Prefetches what a delivery touches: the record, and the members that follow this class.
  void prefetch() const {
    __builtin_prefetch(this);
    __builtin_prefetch(this + 1);
  }

  /// Prefetches the sink. Reads the record, which should have been prefetched before.
  void prefetch_sink() const {
    if (sink == nullptr) return;
    __builtin_prefetch(sink);
    __builtin_prefetch(static_cast<const std::byte*>(sink) + kCacheLine);
  }

  /// The object that a delivery is written to; null: not known. The hub only prefetches it.
  void* sink = nullptr;

 protected:
  ~Member() override = default;

 private:
  static constexpr std::size_t kCacheLine = 64;

  friend class Group;
  friend class Hub;

  /// Position of this member in the list of a room or topic.
  struct Seat {
    Group* group;
    std::uint32_t index;
  };
  static constexpr std::uint32_t kNoSeat = 0xffffffff;

  /// The position in the group's list; null if it is no member.
  std::uint32_t* index_in(const Group& group);
  bool sits_in(const Group& group) const {
    return const_cast<Member*>(this)->index_in(group) != nullptr;
  }
  void sit_down(Group& group, std::uint32_t index);
  void stand_up(const Group& group) noexcept;

  ThinVector<Seat> seats_;
  std::uint32_t seat_among_all_ = kNoSeat;  ///< In the group of everybody.
  bool known_ = false;                      ///< In the hub.
  bool sits_in_own_room_ = false;           ///< In the room named by its id, which needs no Group.
};

}  // namespace wscast::hub
