// Each allocation that a server's thread makes for one client fails in turn: that client may end,
// counted, and nobody else notices.

#include <string>

#include <gtest/gtest.h>

#include "faults/world.h"
#include "support/allocation_faults.h"

namespace wscast::faults {
namespace {

using test::AllocationFaults;

using Heap = AllocationFaults::Heap;

/// Where the victim is, and whose thread's allocations fail.
struct Place {
  std::size_t shards;
  std::size_t shard;
  Door door;
  Heap heap = Heap::operator_new;

  friend void PrintTo(const Place& place, std::ostream* out) {
    *out << (place.heap == Heap::openssl ? "Openssl" : "") << place.door.name
         << (place.shards == 1 ? "OnTheOnlyShard" : "OnTheVictimsShard");
  }
};

class AllocationsInTurn : public testing::TestWithParam<Place> {
 protected:
  AllocationsInTurn() {
    world_.on_shard(GetParam().shard, [] { AllocationFaults::watch_this_thread(); });
  }

  World world_{GetParam().shards, GetParam().door};
};

TEST_P(AllocationsInTurn, EndNobodyButTheClientThatTheyWereFor) {
  std::uint64_t number = 0;
  std::uint64_t lost = 0;
  bool struck = true;
  while (struck && !HasFailure()) {
    SCOPED_TRACE("allocation " + std::to_string(++number) + " fails");
    AllocationFaults::arm(number, GetParam().heap);
    const Stage reached = world_.run_victim(&AllocationFaults::fired);
    struck = AllocationFaults::disarm();
    EXPECT_TRUE(struck || reached == Stage::closed);
    if (reached != Stage::closed) ++lost;
    world_.expect_no_trace();
  }
  EXPECT_GT(number, 20u);
  EXPECT_GT(lost, 0u);
  if (GetParam().heap == Heap::operator_new) {
    EXPECT_GT(world_.count(Counter::closed_out_of_memory), 0u);
    EXPECT_LE(world_.count(Counter::closed_out_of_memory), number);
  }
  EXPECT_EQ(world_.run_victim([] { return false; }), Stage::closed);
  world_.expect_no_trace();
}

INSTANTIATE_TEST_SUITE_P(On, AllocationsInTurn,
                         testing::Values(Place{.shards = 1, .shard = 0, .door = plain_door()},
                                         Place{.shards = 2, .shard = 1, .door = plain_door()},
                                         Place{.shards = 1, .shard = 0, .door = tls_door()},
                                         Place{.shards = 2, .shard = 1, .door = tls_door()},
                                         Place{.shards = 1, .shard = 0, .door = encrypted_door()},
                                         Place{.shards = 1, .shard = 0, .door = external_door()}),
                         testing::PrintToStringParamName());

INSTANTIATE_TEST_SUITE_P(
    OfOpenssl, AllocationsInTurn,
    testing::Values(Place{.shards = 2, .shard = 1, .door = tls_door(), .heap = Heap::openssl},
                    Place{
                        .shards = 1, .shard = 0, .door = encrypted_door(), .heap = Heap::openssl}),
    testing::PrintToStringParamName());

}  // namespace
}  // namespace wscast::faults
