#include "net/socket_stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>
#include <poll.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace wscast::net {
namespace {

/// Both ends of a connection over loopback.
struct Ends {
  Ends() {
    const Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener.get(), generic, size), 0);
    EXPECT_EQ(::listen(listener.get(), 1), 0);
    EXPECT_EQ(::getsockname(listener.get(), generic, &size), 0);
    peer = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(peer.get(), generic, size), 0);
    Fd accepted(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    duplicate = Fd(::dup(accepted.get()));
    stream.emplace(std::move(accepted), nullptr);
  }

  /// What the peer reads next: 0 at a FIN, else the errno.
  int peer_sees() const {
    std::array<char, 8> bytes{};
    pollfd wait{.fd = peer.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&wait, 1, 5'000), 1);
    return ::recv(peer.get(), bytes.data(), bytes.size(), 0) < 0 ? errno : 0;
  }

  Fd peer;
  Fd duplicate;  ///< As a forked process holds it.
  std::optional<SocketStream> stream;
};

TEST(SocketStream, ItsEndIsAFinThoughAForkedProcessHoldsADuplicate) {
  Ends ends;
  ends.stream.reset();
  EXPECT_EQ(ends.peer_sees(), 0);
}

TEST(SocketStream, AnAbortedOneEndsWithAResetAndNoFin) {
  Ends ends;
  ends.stream->abort();
  ends.stream.reset();
  EXPECT_EQ(ends.peer_sees(), ECONNRESET);
}

TEST(SocketStream, AnAbortedUnixSocketEndsToo) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  const Fd peer(pair[1]);
  const Fd duplicate(::dup(pair[0]));
  std::optional<SocketStream> stream(std::in_place, Fd(pair[0]), nullptr);
  stream->abort();
  stream.reset();
  char byte = 0;
  EXPECT_EQ(::recv(peer.get(), &byte, 1, MSG_DONTWAIT), 0);
}

}  // namespace
}  // namespace wscast::net
