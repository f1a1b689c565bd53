#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "net/fd.h"

namespace wscast::net {

/// Identifies one registration in a poller: a slot and its generation. Stays unambiguous when the
/// slot, the descriptor's number or the memory of a connection is reused.
struct PollKey {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  friend bool operator==(const PollKey&, const PollKey&) = default;
};

/// What a connection waits for. Errors are always reported.
struct Interest {
  bool read = true;
  bool write = false;
  bool end = true;  ///< That the peer will send no more.
  friend bool operator==(const Interest&, const Interest&) = default;
};

/// A registered descriptor on which something can be done.
struct Ready {
  PollKey key{};
  bool readable = false;
  bool writable = false;
  bool peer_ended = false;  ///< The peer will send no more, or the connection broke.
  bool broken = false;      ///< Both directions have ended: nothing can be written any more.
};

/// Reports which of a shard's descriptors can be read or written: a level-triggered epoll set.
/// Its own descriptor becomes readable when wait() would return something, so that an event loop,
/// or another poller, can watch it. Another kernel mechanism could replace epoll behind these
/// calls. Shard thread only.
class Poller {
 public:
  /// Throws std::system_error.
  Poller();

  int descriptor() const { return epoll_.get(); }

  /// Watches `nested`, which must outlive this: see take_nested_ready(). Throws std::system_error.
  void nest(const Poller& nested);

  /// Returns 0, or the errno when the descriptor could not be added.
  int add(int descriptor, PollKey key, Interest interest = {});
  void change(int descriptor, PollKey key, Interest interest);

  /// Stops reporting events of the descriptor. Must be called before the descriptor is
  /// closed: closing alone leaves it in the set while a forked process holds a duplicate.
  void remove(int descriptor);

  /// Returns what is ready now, without waiting; valid until the next call. An event may be older
  /// than remove(): its handler must compare the key.
  std::span<const Ready> wait();

  /// Whether the nested poller had something to report in the last wait(); false from then on.
  bool take_nested_ready() { return std::exchange(nested_ready_, false); }

 private:
  static constexpr std::size_t kBatch = 256;

  Fd epoll_;
  std::array<Ready, kBatch> ready_;
  bool nested_ready_ = false;
};

}  // namespace wscast::net
