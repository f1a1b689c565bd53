// Each system call of one connection fails in turn, in a real server: its client may end, and
// nobody else notices.

#include <cerrno>
#include <string>

#include <gtest/gtest.h>

#include "faults/world.h"
#include "support/system_faults.h"

namespace wscast::faults {
namespace {

using test::IoCall;
using test::IoFault;
using test::SystemFaults;

class IoFaults : public testing::TestWithParam<Door> {
 protected:
  IoFaults() {
    world_.on_shard(0, [] { SystemFaults::watch_this_thread(); });
  }

  /// Runs victims with the first, second, ... such call failing, until there is none.
  void strike(IoCall call, IoFault fault) {
    int number = 0;
    bool struck = true;
    while (struck && !HasFailure()) {
      SCOPED_TRACE(std::string(to_string(fault)) + " at call " + std::to_string(++number));
      SystemFaults::arm({.call = call, .fault = fault, .number = number});
      const Stage reached = world_.run_victim(&SystemFaults::fired);
      struck = SystemFaults::disarm();
      EXPECT_TRUE(reached == Stage::closed || (struck && !is_harmless(fault)));
      world_.expect_no_trace();
    }
    EXPECT_GT(number, 5) << "connect, authenticate, join, publish and close are that many";
  }

  World world_{1, GetParam()};
};

TEST_P(IoFaults, ReadsInTurn) {
  for (const auto fault : {IoFault::error, IoFault::end, IoFault::interrupt, IoFault::one_byte}) {
    strike(IoCall::read, fault);
  }
  EXPECT_GT(world_.count(Counter::connections_reset), 0u);
}

TEST_P(IoFaults, WritesInTurn) {
  for (const auto fault : {IoFault::error, IoFault::interrupt, IoFault::one_byte}) {
    strike(IoCall::write, fault);
  }
}

TEST_P(IoFaults, AcceptsInTurn) {
  for (const int error : {ECONNABORTED, EINTR, EPROTO, EMFILE, ENFILE, ENOBUFS, ENOMEM}) {
    for (int number = 1; number <= 2; ++number) {
      SCOPED_TRACE("accept fails with " + std::to_string(error));
      SystemFaults::arm_accept(error, number);
      EXPECT_EQ(world_.run_victim([] { return false; }), Stage::closed);
      EXPECT_TRUE(SystemFaults::disarm());
      world_.expect_no_trace();
    }
  }
  EXPECT_GT(world_.count(Counter::accept_failures), 0u);
}

TEST_P(IoFaults, AConnectionThatCannotBeWatchedIsClosedAndCounted) {
  SystemFaults::arm_epoll_add(ENOSPC, 1);
  EXPECT_EQ(world_.run_victim(&SystemFaults::fired), Stage::start);
  EXPECT_TRUE(SystemFaults::disarm());
  world_.expect_no_trace();
  EXPECT_EQ(world_.count(Counter::accept_failures), 1u);
  EXPECT_EQ(world_.run_victim(&SystemFaults::fired), Stage::closed);
}

INSTANTIATE_TEST_SUITE_P(Through, IoFaults,
                         testing::Values(plain_door(), tls_door(), encrypted_door()),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace wscast::faults
