// The connections to a real Redis: each system call and each allocation of the broker's fails in
// turn. Nothing that it owes is lost, what may be missing is told, and it works again.

#include <cerrno>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "faults/lone_broker.h"
#include "support/allocation_faults.h"
#include "support/redis_process.h"
#include "support/system_faults.h"

namespace wscast::faults {
namespace {

using test::AllocationFaults;
using test::IoCall;
using test::IoFault;
using test::SystemFaults;

/// Which connection the faults are on, by the order in which they are made.
enum class Which : std::uint8_t { publishing = 1, subscribing = 2 };

class BrokerIoFaults : public testing::TestWithParam<Which> {
 protected:
  /// Runs a broker with the first, second, ... such call on the connection failing, until there is
  /// none.
  void strike(IoCall call, IoFault fault) {
    int number = 0;
    bool struck = true;
    while (struck && !HasFailure()) {
      SCOPED_TRACE(std::string(to_string(fault)) + " at call " + std::to_string(++number));
      LoneBroker broker(redis_, &SystemFaults::watch_this_thread);
      SystemFaults::arm_connection({.call = call, .fault = fault, .number = number},
                                   static_cast<int>(GetParam()));
      if (broker.start()) broker.exchange();
      struck = SystemFaults::disarm();
      broker.expect_well();
      EXPECT_EQ(broker.failed_tasks(), 0);
    }
    EXPECT_GT(number, 3) << "login, what is exchanged and probes are that many";
  }

  test::RedisProcess redis_;
};

TEST_P(BrokerIoFaults, ReadsInTurn) {
  for (const auto fault : {IoFault::error, IoFault::end, IoFault::interrupt, IoFault::one_byte}) {
    strike(IoCall::read, fault);
  }
}

TEST_P(BrokerIoFaults, WritesInTurn) {
  for (const auto fault : {IoFault::error, IoFault::interrupt, IoFault::one_byte}) {
    strike(IoCall::write, fault);
  }
}

TEST_P(BrokerIoFaults, AConnectThatFailsIsRepeated) {
  for (const int error : {ECONNREFUSED, ENETUNREACH, ETIMEDOUT, EAGAIN, ENOBUFS}) {
    SCOPED_TRACE("connect fails with " + std::to_string(error));
    LoneBroker broker(redis_, &SystemFaults::watch_this_thread);
    SystemFaults::arm_connect(error, static_cast<int>(GetParam()));
    if (broker.start()) broker.exchange();
    EXPECT_TRUE(SystemFaults::disarm());
    broker.expect_well();
    EXPECT_EQ(broker.failed_tasks(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Of, BrokerIoFaults, testing::Values(Which::publishing, Which::subscribing),
                         [](const auto& which) {
                           return which.param == Which::publishing ? "Publishing" : "Subscribing";
                         });

TEST(BrokerAllocations, InTurn) {
  const test::RedisProcess redis;
  std::uint64_t number = 0;
  bool struck = true;
  while (struck && !testing::Test::HasFailure()) {
    SCOPED_TRACE("allocation " + std::to_string(++number) + " fails");
    LoneBroker broker(redis, &AllocationFaults::watch_this_thread);
    ASSERT_TRUE(broker.start());
    AllocationFaults::arm(number);
    broker.exchange();
    struck = AllocationFaults::disarm();
    broker.expect_well();
  }
  EXPECT_GT(number, 50u);
}

}  // namespace
}  // namespace wscast::faults
