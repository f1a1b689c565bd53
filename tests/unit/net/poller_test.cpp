#include "net/poller.h"

#include <sys/socket.h>

#include <array>
#include <unistd.h>

#include <gtest/gtest.h>

namespace wscast::net {
namespace {

struct Pair {
  Pair() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
    ours = Fd(ends[0]);
    theirs = Fd(ends[1]);
  }
  void peer_writes() const { EXPECT_EQ(::write(theirs.get(), "x", 1), 1); }

  Fd ours;
  Fd theirs;
};

TEST(Poller, ReportsWhatWasRegisteredByItsKey) {
  Poller poller;
  const Pair pair;
  EXPECT_EQ(poller.add(pair.ours.get(), {.slot = 7, .generation = 3'000'000'000}), 0);
  EXPECT_TRUE(poller.wait().empty());
  pair.peer_writes();
  const auto ready = poller.wait();
  ASSERT_EQ(ready.size(), 1u);
  EXPECT_EQ(ready[0].key, (PollKey{.slot = 7, .generation = 3'000'000'000}));
  EXPECT_TRUE(ready[0].readable);
  EXPECT_FALSE(ready[0].peer_ended);
}

// A forked process does the same as dup(): closing leaves the open file, and so its events, alive.
TEST(Poller, ReportsNothingOfARemovedDescriptorThoughADuplicateIsOpen) {
  Poller poller;
  Pair pair;
  poller.add(pair.ours.get(), {.slot = 1, .generation = 1});
  const Fd duplicate(::dup(pair.ours.get()));
  pair.peer_writes();
  poller.remove(pair.ours.get());
  pair.ours.close();
  EXPECT_TRUE(poller.wait().empty());
  pair.theirs.close();
  EXPECT_TRUE(poller.wait().empty());
}

TEST(Poller, DistinguishesAHalfClosedPeerFromABrokenConnection) {
  Poller poller;
  const Pair pair;
  poller.add(pair.ours.get(), {});
  ::shutdown(pair.theirs.get(), SHUT_WR);
  auto ready = poller.wait();
  ASSERT_EQ(ready.size(), 1u);
  EXPECT_TRUE(ready[0].peer_ended);
  EXPECT_FALSE(ready[0].broken);
  ::shutdown(pair.ours.get(), SHUT_WR);
  ready = poller.wait();
  ASSERT_EQ(ready.size(), 1u);
  EXPECT_TRUE(ready[0].broken);
}

TEST(Poller, ReportsOnlyWhatItIsAskedFor) {
  Poller poller;
  const Pair pair;
  poller.add(pair.ours.get(), {});
  pair.peer_writes();
  poller.change(pair.ours.get(), {}, {.read = false, .write = false, .end = false});
  EXPECT_TRUE(poller.wait().empty());
  poller.change(pair.ours.get(), {}, {.read = false, .write = true, .end = false});
  const auto ready = poller.wait();
  ASSERT_EQ(ready.size(), 1u);
  EXPECT_TRUE(ready[0].writable);
  EXPECT_FALSE(ready[0].readable);
}

TEST(Poller, SaysThatANestedPollerHasSomethingToReport) {
  Poller inner;
  Poller outer;
  outer.nest(inner);
  const Pair pair;
  inner.add(pair.ours.get(), {.slot = 3, .generation = 1});
  EXPECT_TRUE(outer.wait().empty());
  EXPECT_FALSE(outer.take_nested_ready());
  pair.peer_writes();
  EXPECT_TRUE(outer.wait().empty());
  EXPECT_TRUE(outer.take_nested_ready());
  EXPECT_FALSE(outer.take_nested_ready());
  EXPECT_EQ(inner.wait().size(), 1u);
}

}  // namespace
}  // namespace wscast::net
