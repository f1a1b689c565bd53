#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "net/fd.h"

namespace wscast::net {

class Connection;

/// What a connection waits for. That it broke is always reported.
struct Interest {
  bool read = true;
  bool write = false;
  bool end = true;  ///< The peer will send no more.
  friend bool operator==(const Interest&, const Interest&) = default;
};

/// One connection on which something can be done.
struct Ready {
  Connection* connection = nullptr;
  bool readable = false;
  bool writable = false;
  bool peer_ended = false;  ///< The peer will send no more, or the connection broke.
};

/// Tells a shard which of its connections can be read or written: a level-triggered epoll set.
/// Its descriptor becomes readable when wait() would answer something, so that an event loop can
/// watch it. Another mechanism of the kernel can take its place behind these four calls.
/// Shard thread only.
class Poller {
 public:
  /// Throws std::system_error.
  Poller();

  int descriptor() const { return epoll_.get(); }

  /// Answers 0, or the reason why the descriptor could not be added.
  int add(int descriptor, Connection& connection);
  void change(int descriptor, Connection& connection, Interest interest);

  /// What is ready now, without waiting; valid until the next call. Closing a descriptor takes it
  /// out of the set.
  std::span<const Ready> wait();

 private:
  static constexpr std::size_t kBatch = 256;

  Fd epoll_;
  std::array<Ready, kBatch> ready_;
};

}  // namespace wscast::net
