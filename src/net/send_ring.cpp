#include "net/send_ring.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#ifdef WSCAST_URING
#include <liburing.h>
#endif

#include "net/connection.h"
#include "net/fd.h"
#include "net/send_batch.h"
#include "net/socket_stream.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WSCAST_THREAD_SANITIZER
#endif
#endif

namespace wscast::net {

#ifdef WSCAST_URING

namespace {

/// ThreadSanitizer takes what send() writes as seen by who receives it, and knows nothing of rings.
void note_send([[maybe_unused]] int descriptor) {
#ifdef WSCAST_THREAD_SANITIZER
  ::send(descriptor, nullptr, 0, MSG_NOSIGNAL | MSG_DONTWAIT);
#endif
}

[[noreturn]] void fail(int error, const char* what) {
  throw std::system_error(error, std::generic_category(), what);
}

}  // namespace

struct SendRing::Ring {
  /// A send that the kernel cannot even begin must not keep it from the others.
  Ring() {
    const int error = io_uring_queue_init(SendBatch::kMost, &ring, IORING_SETUP_SUBMIT_ALL);
    if (error != 0) fail(-error, "io_uring_queue_init");
  }
  ~Ring() { io_uring_queue_exit(&ring); }

  io_uring ring{};
};

SendRing::SendRing() : ring_(std::make_unique<Ring>()) {
  probe();
}

SendRing::~SendRing() = default;

/// A send that does not wait has its result when the system call returns, whatever that is.
void SendRing::send(SendBatch& batch) {
  io_uring* ring = &ring_->ring;
  const auto sends = batch.sends();
  for (std::size_t i = 0; i < sends.size(); ++i) {
    io_uring_sqe* entry = io_uring_get_sqe(ring);
    const auto wire = sends[i].encoded.wire;
    note_send(sends[i].descriptor);
    io_uring_prep_send(entry, sends[i].descriptor, wire.data(), wire.size(),
                       MSG_NOSIGNAL | MSG_DONTWAIT);
    io_uring_sqe_set_data64(entry, i);
  }
  const int submitted = io_uring_submit(ring);
  std::size_t completed = 0;
  io_uring_cqe* completion = nullptr;
  while (io_uring_peek_cqe(ring, &completion) == 0) {
    sends[io_uring_cqe_get_data64(completion)].result = io_result(completion->res);
    io_uring_cqe_seen(ring, completion);
    ++completed;
  }
  if (submitted < 0) fail(-submitted, "io_uring_submit");
  if (completed != sends.size()) fail(EIO, "io_uring: a send without a result");
}

/// One send that succeeds, and one that finds no room.
void SendRing::probe() {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) != 0) {
    fail(errno, "socketpair");
  }
  const Fd ends[] = {Fd(pair[0]), Fd(pair[1])};
  constexpr std::array<std::uint8_t, 4096> bytes{};
  SendBatch batch({});
  const auto result = [&] {
    batch.clear();
    batch.add(nullptr, pair[0], {.wire = bytes});
    send(batch);
    return batch.sends()[0].result;
  };
  if (const IoResult first = result();
      first.status != IoStatus::ok || first.bytes != bytes.size()) {
    fail(ENOSYS, "io_uring cannot send");
  }
  while (::send(pair[0], bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) continue;
  if (result().status != IoStatus::would_block)
    fail(ENOSYS, "io_uring cannot send without waiting");
}

#else

struct SendRing::Ring {};

SendRing::SendRing() {
  throw std::system_error(ENOSYS, std::generic_category(), "wscast was built without io_uring");
}

SendRing::~SendRing() = default;
void SendRing::send(SendBatch&) {}
void SendRing::probe() {}

#endif

}  // namespace wscast::net
