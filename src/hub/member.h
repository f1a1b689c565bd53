#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hub/client_record.h"
#include "ws/frame.h"

namespace wscast::hub {

class Group;

/// How a message names its receiver: by its own id, or as one of several.
enum class Address : std::uint8_t { client, group };

/// One client as the hub sees it: who it is, and which groups it sits in. Shard thread only; leaves
/// the hub before it is destroyed.
class Member : public ClientRecord {
 public:
  using ClientRecord::ClientRecord;

  /// Hands the client a message and answers what became of it (protocol.md T12): > 0 or -1
  /// accepted, 0 dropped. Must not change the hub.
  virtual int deliver(const ws::FrameRef& frame, Address address) = 0;

  /// Has the processor fetch what a delivery touches: the record, and what stands behind this.
  void prefetch() const {
    __builtin_prefetch(this);
    __builtin_prefetch(this + 1);
  }

  /// The same for where a delivery goes. Reads the record, which should have been fetched.
  void prefetch_sink() const {
    if (sink == nullptr) return;
    __builtin_prefetch(sink);
    __builtin_prefetch(static_cast<const std::byte*>(sink) + kCacheLine);
  }

  const void* sink = nullptr;  ///< What a delivery is written to, if known; only ever prefetched.

 protected:
  virtual ~Member() = default;

 private:
  static constexpr std::size_t kCacheLine = 64;

  friend class Group;
  friend class Hub;

  /// Where this member is in a group; the group knows in turn which of these it is.
  struct Seat {
    Group* group;
    std::size_t index;
  };

  Seat* seat_in(const Group& group);
  const Seat* seat_in(const Group& group) const;

  std::vector<Seat> seats_;
  bool known_ = false;             ///< In the hub.
  bool sits_in_own_room_ = false;  ///< In the room named by its id, which needs no Group.
};

}  // namespace wscast::hub
