#include <gtest/gtest.h>

#include "net/socket_stream.h"
#include "server/connection_session.h"

namespace wscast::server {
namespace {

/// What each client takes while it is idle. malloc gives blocks of 16 bytes, 8 of them its own: one
/// member more is a step more.
TEST(IdleMemory, OfASessionStaysInItsBlock) {
  EXPECT_LE(sizeof(ConnectionSession) + 8, 320u);
}

TEST(IdleMemory, OfAConnectionStaysInItsBlock) {
  constexpr std::size_t beside_it = sizeof(net::SocketStream) + sizeof(void*);  // Shard::Client
  EXPECT_LE(beside_it + sizeof(net::Connection) + 8, 144u);
}

}  // namespace
}  // namespace wscast::server
