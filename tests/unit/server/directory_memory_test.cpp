// Each allocation of the directory fails in turn: nothing is left half-done, and what removes needs
// none.

#include <new>
#include <string>

#include <gtest/gtest.h>

#include "server/directory.h"
#include "support/allocation_faults.h"
#include "support/session_fakes.h"

namespace wscast::server {
namespace {

using test::AllocationFaults;
using test::fail_each_allocation;

constexpr std::string_view kRoom = "a room whose name fits into no small string";
constexpr std::string_view kUser = "a user whose name fits into no small string";

class DirectoryMemory : public testing::Test {
 protected:
  hub::ClientRecord make() {
    return {ClientId::generate(system_random()), 1, clock_.now(), clock_.wall()};
  }

  /// Whether the client is, or is not, in the room, wherever one looks.
  void expect_in_room(const hub::ClientRecord& client, std::size_t members) {
    const AllocationFaults::Pause pause;
    EXPECT_EQ(directory_.room_size(kRoom), members);
    EXPECT_EQ(directory_.in_room(client.id, kRoom), members == 1);
    EXPECT_EQ(directory_.shards_of_room(kRoom).size(), members);
    EXPECT_EQ(client.room_names.size(), members);
  }

  session::FakeClock clock_;
  Directory directory_{3, clock_};
};

TEST_F(DirectoryMemory, AClientThatCannotBeAddedIsUnknown) {
  hub::ClientRecord client = make();
  EXPECT_GT(fail_each_allocation([&] {
              EXPECT_FALSE(directory_.shard_of(client.id));
              directory_.add(client);
            }),
            0);
  EXPECT_EQ(directory_.clients(), 1u);
  directory_.remove(client);
}

TEST_F(DirectoryMemory, ARoomThatCannotBeJoinedHasNoMembers) {
  hub::ClientRecord client = make();
  directory_.add(client);
  Interest interest;
  EXPECT_GT(fail_each_allocation([&] {
              expect_in_room(client, 0);
              EXPECT_TRUE(interest.empty());
              directory_.join(client.id, kRoom, &interest);
            }),
            4);
  expect_in_room(client, 1);
  EXPECT_EQ(interest.subscribe.size(), 1u);
  directory_.remove(client);
  expect_in_room(client, 0);
}

TEST_F(DirectoryMemory, AChangeThatCannotBeMadeIsNotCounted) {
  hub::ClientRecord client = make();
  directory_.add(client);
  EXPECT_GT(fail_each_allocation([&] {
              expect_in_room(client, 0);
              directory_.change(client.id, kRoom, true);
            }),
            4);
  EXPECT_EQ(directory_.settle(client.id, kRoom), true) << "it was the only one on its way";
  directory_.remove(client);
}

TEST_F(DirectoryMemory, AClientThatCannotBeIdentifiedCanBeRemoved) {
  EXPECT_GT(fail_each_allocation([&] {
              hub::ClientRecord client = make();
              directory_.add(client);
              Interest interest;
              try {
                directory_.identify(client, {.user_id = std::string(kUser)}, &interest);
              } catch (const std::bad_alloc&) {
                Interest left;
                directory_.remove(client, &left);
                EXPECT_TRUE(left.unsubscribe.empty()) << "nothing was subscribed to";
                throw;
              }
              directory_.remove(client);
            }),
            4);
  EXPECT_TRUE(directory_.infos_of_user(kUser).empty());
  EXPECT_EQ(directory_.clients(), 0u);
}

TEST_F(DirectoryMemory, LeavingTakesNone) {
  hub::ClientRecord one = make();
  hub::ClientRecord two = make();
  for (hub::ClientRecord* client : {&one, &two}) {
    directory_.add(*client);
    directory_.identify(*client, {.user_id = std::string(kUser)});
    client->state = ClientState::authenticated;
    directory_.join(client->id, kRoom);
    directory_.join(client->id, client->id.text());
  }
  directory_.change(one.id, kRoom, true);
  AllocationFaults::watch_this_thread();
  AllocationFaults::arm(1);
  EXPECT_EQ(directory_.settle(one.id, kRoom), true);
  directory_.leave(two.id, kRoom);
  directory_.remove(one);
  directory_.remove(two);
  EXPECT_FALSE(AllocationFaults::disarm());
  AllocationFaults::watch_this_thread(false);
  EXPECT_EQ(directory_.clients(), 0u);
  EXPECT_EQ(directory_.room_size(kRoom), 0u);
}

TEST_F(DirectoryMemory, ALeaveWhoseChannelCannotBeNotedHappensAndIsCounted) {
  hub::ClientRecord client = make();
  directory_.add(client);
  directory_.join(client.id, kRoom);
  Interest interest;
  AllocationFaults::watch_this_thread();
  AllocationFaults::arm(1);
  directory_.leave(client.id, kRoom, &interest);
  EXPECT_TRUE(AllocationFaults::disarm());
  AllocationFaults::watch_this_thread(false);
  expect_in_room(client, 0);
  EXPECT_EQ(interest.lost, 1u);
  directory_.remove(client);
}

TEST_F(DirectoryMemory, AClientWhoseChangeIsAbandonedIsToBeEnded) {
  hub::ClientRecord client = make();
  directory_.add(client);
  directory_.change(client.id, kRoom, true);
  directory_.cancel_change(client.id, kRoom);
  directory_.abandon(client.id, kRoom);
  expect_in_room(client, 0);
  EXPECT_TRUE(client.to_be_ended);
  directory_.abandon(client.id, kRoom);
  EXPECT_EQ(directory_.abandoned(), 1u);
  directory_.remove(client);
  EXPECT_EQ(directory_.abandoned(), 0u);
}

}  // namespace
}  // namespace wscast::server
