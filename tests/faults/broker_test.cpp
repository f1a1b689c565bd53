// The connections to a real Redis: each system call and each allocation of the broker's fails in
// turn. Nothing that it owes is lost, what may be missing is told, and it works again.

#include <cerrno>
#include <cstdint>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "faults/backend.h"
#include "faults/lone_broker.h"
#include "faults/stride.h"
#include "support/allocation_faults.h"
#include "support/system_faults.h"

namespace wscast::faults {
namespace {

using test::AllocationFaults;
using Heap = AllocationFaults::Heap;
using test::IoCall;
using test::IoFault;
using test::SystemFaults;

/// Which connection the faults are on, by the order in which they are made.
struct Which {
  BackendKind backend;
  std::string connection;
  int number;
  int least_calls = 3;  ///< Login, what is exchanged and probes are that many.

  friend void PrintTo(const Which& which, std::ostream* out) {
    *out << which.backend.name << which.connection;
  }
};

class BrokerIoFaults : public testing::TestWithParam<Which> {
 protected:
  /// Runs a broker with the first, second, ... such call on the connection failing, until there is
  /// none.
  void strike(IoCall call, IoFault fault) {
    int number = 0;
    bool struck = true;
    while (struck && !HasFailure()) {
      SCOPED_TRACE(std::string(to_string(fault)) + " at call " + std::to_string(++number));
      LoneBroker broker(backend_, &SystemFaults::watch_this_thread);
      SystemFaults::arm_connection({.call = call, .fault = fault, .number = number},
                                   GetParam().number);
      if (broker.start()) broker.exchange();
      struck = SystemFaults::disarm();
      broker.expect_well();
      EXPECT_EQ(broker.failed_tasks(), 0);
    }
    EXPECT_GT(number, GetParam().least_calls) << to_string(fault);
  }

  const Backend& backend_ = GetParam().backend.running();
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
    LoneBroker broker(backend_, &SystemFaults::watch_this_thread);
    SystemFaults::arm_connect(error, GetParam().number);
    if (broker.start()) broker.exchange();
    EXPECT_TRUE(SystemFaults::disarm());
    broker.expect_well();
    EXPECT_EQ(broker.failed_tasks(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Of, BrokerIoFaults,
                         testing::Values(Which{plain_redis(), "Publishing", 1},
                                         Which{plain_redis(), "Subscribing", 2},
                                         Which{tls_redis(), "Publishing", 1},
                                         Which{sentinel_redis(), "OfTheSentinel", 1, 1},
                                         Which{cluster_redis(), "OfAHistory", 3, 2}),
                         testing::PrintToStringParamName());

/// Whose allocations fail.
struct Place {
  BackendKind backend;
  Heap heap = Heap::operator_new;
  std::uint64_t stride = 1;

  friend void PrintTo(const Place& place, std::ostream* out) {
    *out << (place.heap == Heap::openssl ? "Openssl" : "") << place.backend.name;
  }
};

class BrokerAllocations : public testing::TestWithParam<Place> {};

TEST_P(BrokerAllocations, InTurn) {
  const Backend& backend = GetParam().backend.running();
  const std::uint64_t stride = stride_of(GetParam().stride);
  std::uint64_t number = 1;
  bool struck = true;
  for (; struck && !HasFailure(); number += stride) {
    SCOPED_TRACE("allocation " + std::to_string(number) + " fails");
    LoneBroker broker(backend, &AllocationFaults::watch_this_thread);
    ASSERT_TRUE(broker.start());
    AllocationFaults::arm(number, GetParam().heap);
    broker.exchange();
    struck = AllocationFaults::disarm();
    broker.expect_well();
  }
  EXPECT_GT(number, 500u);
}

INSTANTIATE_TEST_SUITE_P(With, BrokerAllocations,
                         testing::Values(Place{plain_redis(), Heap::operator_new, 7},
                                         Place{tls_redis(), Heap::operator_new, 13},
                                         Place{sentinel_redis(), Heap::operator_new, 13},
                                         Place{cluster_redis(), Heap::operator_new, 11},
                                         Place{tls_redis(), Heap::openssl, 101}),
                         testing::PrintToStringParamName());

TEST(BrokerStart, WithoutMemoryForOpensslNoFileIsBlamed) {
  const std::uint64_t stride = stride_of(71);
  std::uint64_t refused = 0;
  bool struck = true;
  for (std::uint64_t number = 1; struck && !testing::Test::HasFailure(); number += stride) {
    SCOPED_TRACE("allocation " + std::to_string(number) + " fails");
    LoneBroker broker(tls_redis().running(), &AllocationFaults::watch_this_thread);
    AllocationFaults::arm(number, Heap::openssl);
    const bool started = broker.start();
    struck = AllocationFaults::disarm();
    EXPECT_TRUE(started || struck);
    EXPECT_EQ(broker.refusal().find("cannot use"), std::string::npos) << broker.refusal();
    EXPECT_EQ(broker.refusal().find("no host name"), std::string::npos) << broker.refusal();
    if (!started) ++refused;
  }
  EXPECT_GT(refused, 10u);
}

}  // namespace
}  // namespace wscast::faults
