// What a connection adds to the gauges of its shard, and to its counters of bytes.

#include <gtest/gtest.h>

#include "conformance/harness.h"
#include "support/tls_peer.h"

namespace wscast::conformance {
namespace {

using net::ConnectionState;

std::uint64_t in(const Peer& peer, ConnectionState state, bool encrypted = false) {
  return peer.gauges().connections(encrypted, state);
}

OutboundQueue waiting(const Peer& peer) {
  OutboundQueue all;
  peer.gauges().add_to(all);
  return all;
}

TEST(Measures, AConnectionIsCountedInEachStateInTurn) {
  Peer peer({.trusts = false});
  EXPECT_EQ(in(peer, ConnectionState::requesting), 1u);
  peer.send(request());
  EXPECT_EQ(in(peer, ConnectionState::requesting), 0u);
  EXPECT_EQ(in(peer, ConnectionState::open), 1u);
  peer.send(close(1000));
  EXPECT_EQ(in(peer, ConnectionState::open), 0u);
  EXPECT_EQ(in(peer, ConnectionState::closing), 1u);
}

TEST(Measures, ATrustedClientIsAuthenticated) {
  Peer peer;
  peer.send(request());
  EXPECT_EQ(in(peer, ConnectionState::open), 0u);
  EXPECT_EQ(in(peer, ConnectionState::authenticated), 1u);
}

TEST(Measures, AnEncryptedConnectionIsCountedAsOne) {
  Peer peer({.tls = test::self_signed_layer()});
  EXPECT_EQ(in(peer, ConnectionState::establishing, true), 0u) << "its handshake is over";
  EXPECT_EQ(in(peer, ConnectionState::requesting, true), 1u);
  peer.send(request());
  EXPECT_EQ(in(peer, ConnectionState::authenticated, true), 1u);
  EXPECT_EQ(in(peer, ConnectionState::authenticated, false), 0u);
}

TEST(Measures, WhatTheKernelRefusesWaits) {
  Peer peer;
  peer.send(request());
  EXPECT_EQ(waiting(peer).bytes, 0u);
  peer.stop_accepting();
  peer.send(text("Hello"));
  EXPECT_EQ(waiting(peer).bytes, 7u) << "the echo: a header of 2 bytes, and 5";
  EXPECT_EQ(waiting(peer).frames, 1u);
  EXPECT_EQ(waiting(peer).connections, 1u);
  peer.accept_again();
  EXPECT_EQ(waiting(peer).bytes, 0u);
  EXPECT_EQ(waiting(peer).frames, 0u);
  EXPECT_EQ(waiting(peer).connections, 0u);
}

TEST(Measures, WhatIsDroppedWithItsConnectionWaitsNoMore) {
  Peer peer;
  peer.send(request());
  peer.stop_accepting();
  peer.send(text("Hello"));
  peer.fail_writes();
  peer.accept_again();
  EXPECT_EQ(waiting(peer).bytes, 0u);
  EXPECT_EQ(waiting(peer).frames, 0u);
  EXPECT_EQ(waiting(peer).connections, 0u);
}

TEST(Measures, BytesAndMessagesAreCounted) {
  Peer peer;
  peer.send(request());
  const std::uint64_t before = peer.count(Counter::bytes_sent);
  EXPECT_EQ(before, peer.output().size());
  EXPECT_EQ(peer.count(Counter::bytes_received), request().size());
  const std::string message = text("Hello");
  peer.send(message);
  EXPECT_EQ(peer.count(Counter::bytes_received), request().size() + message.size());
  EXPECT_EQ(peer.count(Counter::bytes_sent), before + 7);
  EXPECT_EQ(peer.count(Counter::messages_sent), 1u);
}

}  // namespace
}  // namespace wscast::conformance
