#pragma once

#include <memory>

namespace wscast::net {

class SendBatch;

/// Sends batches by io_uring: one system call for all sends of a batch, each of which does as much
/// as it can at once, as a non-blocking send() does. One thread at a time.
class SendRing {
 public:
  /// Tries all that send() needs, on sockets of its own. Throws std::system_error: the kernel, or
  /// what confines the process, does not allow it, or the library was built without.
  SendRing();
  ~SendRing();
  SendRing(const SendRing&) = delete;
  SendRing& operator=(const SendRing&) = delete;

  /// Tries each send of the batch, in order, and writes its result. Throws std::system_error: the
  /// ring is of no use any more; what has no result was not tried.
  void send(SendBatch& batch);

 private:
  struct Ring;
  void probe();

  std::unique_ptr<Ring> ring_;
};

}  // namespace wscast::net
