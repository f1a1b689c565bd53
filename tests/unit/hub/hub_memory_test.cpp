// Each allocation of the hub fails in turn: nothing is left half-done, and what removes needs none.

#include <string>

#include <gtest/gtest.h>

#include "hub/hub.h"
#include "support/allocation_faults.h"

namespace wscast::hub {
namespace {

using test::AllocationFaults;
using test::fail_each_allocation;

constexpr std::string_view kRoom = "a room whose name fits into no small string";
constexpr std::string_view kUser = "a user whose name fits into no small string";

class QuietMember final : public Member {
 public:
  QuietMember() : Member(ClientId::generate(system_random()), 0, SteadyTime(), WallTime()) {}
  int deliver(const ws::FrameRef&, Address) noexcept override { return 1; }
};

/// Throws when a change is noted, if the test says so.
class FailingObserver final : public MembershipObserver {
 public:
  void on_add(ClientRecord&) override { maybe_throw(); }
  void on_remove(ClientRecord&) noexcept override {}
  IdentifyResult identify(ClientRecord& client, ClientIdentity identity) override {
    maybe_throw();
    client.identity = std::move(identity);
    return IdentifyResult::identified;
  }
  void renew(ClientRecord& client, Metadata metadata) override {
    client.identity.metadata = std::move(metadata);
  }
  void on_join(ClientRecord&, std::string_view) override { maybe_throw(); }
  void on_leave(ClientRecord&, std::string_view) noexcept override {}

  bool throws = false;

 private:
  void maybe_throw() const {
    if (throws) throw std::bad_alloc();
  }
};

/// Makes sure that `step` allocates nothing.
template <class Step>
void expect_no_allocation(Step step) {
  AllocationFaults::watch_this_thread();
  AllocationFaults::arm(1);
  step();
  EXPECT_FALSE(AllocationFaults::disarm());
  AllocationFaults::watch_this_thread(false);
}

class HubMemory : public testing::Test {
 protected:
  ws::FrameRef frame_ = ws::make_frame(ws::Opcode::text, "x");
  FailingObserver observer_;
  Hub hub_{observer_};
};

TEST_F(HubMemory, AClientThatCannotBeAddedIsNotThere) {
  EXPECT_GT(fail_each_allocation([&] {
              QuietMember member;
              hub_.add(member);
              hub_.remove(member);
            }),
            0);
  EXPECT_EQ(hub_.clients(), 0u);
  QuietMember member;
  observer_.throws = true;
  EXPECT_THROW(hub_.add(member), std::bad_alloc);
  EXPECT_EQ(hub_.find(member.id), nullptr);
  hub_.remove(member);
  observer_.throws = false;
  EXPECT_TRUE(hub_.add(member));
  hub_.remove(member);
}

TEST_F(HubMemory, ARoomThatCannotBeJoinedHasNoMembersAndIsNotKept) {
  QuietMember member;
  hub_.add(member);
  bool joined = false;
  EXPECT_GT(fail_each_allocation([&] {
              EXPECT_FALSE(hub_.in_room(member, kRoom));
              EXPECT_EQ(hub_.room_count(member), 0u);
              joined = hub_.join(member, kRoom);
            }),
            1);
  EXPECT_TRUE(joined);
  EXPECT_EQ(hub_.to_room(kRoom, frame_, {}).accepted, 1u);
  QuietMember other;
  hub_.add(other);
  observer_.throws = true;
  EXPECT_THROW(hub_.join(other, kRoom), std::bad_alloc);
  EXPECT_EQ(hub_.to_room(kRoom, frame_, {}).accepted, 1u);
  hub_.remove(member);
  hub_.remove(other);
  EXPECT_EQ(hub_.to_room(kRoom, frame_, {}).accepted, 0u);
}

TEST_F(HubMemory, ATopicThatCannotBeSubscribedToIsNotKept) {
  QuietMember member;
  hub_.add(member);
  EXPECT_GT(fail_each_allocation([&] {
              EXPECT_EQ(hub_.subscribers(kRoom), nullptr);
              hub_.subscribe(member, kRoom);
            }),
            1);
  EXPECT_TRUE(hub_.is_subscribed(member, kRoom));
  hub_.remove(member);
}

TEST_F(HubMemory, AClientThatCannotBeAuthenticatedCanBeRemoved) {
  EXPECT_GT(fail_each_allocation([&] {
              QuietMember member;
              hub_.add(member);
              try {
                hub_.authenticate(member, {.user_id = std::string(kUser)});
              } catch (const std::bad_alloc&) {
                hub_.remove(member);
                throw;
              }
              hub_.remove(member);
            }),
            3);
  EXPECT_EQ(hub_.clients(), 0u);
  EXPECT_EQ(hub_.authenticated(), 0u);
  EXPECT_EQ(hub_.to_user(kUser, frame_).accepted, 0u);
}

TEST_F(HubMemory, LeavingTakesNone) {
  QuietMember members[3];
  for (QuietMember& member : members) {
    hub_.add(member);
    hub_.authenticate(member, {.user_id = std::string(kUser)});
    hub_.join(member, kRoom);
    hub_.subscribe(member, kRoom);
  }
  expect_no_allocation([&] {
    hub_.unsubscribe(members[1], kRoom);
    hub_.leave(members[1], kRoom);
    for (QuietMember& member : members) hub_.remove(member);
  });
  EXPECT_EQ(hub_.clients(), 0u);
  EXPECT_EQ(hub_.authenticated(), 0u);
}

TEST_F(HubMemory, TheFirstClientOfAUserMakesPlaceForTheNext) {
  QuietMember members[3];
  for (QuietMember& member : members) {
    hub_.add(member);
    hub_.authenticate(member, {.user_id = std::string(kUser)});
  }
  for (std::size_t left = 3; left > 0; --left) {
    EXPECT_EQ(hub_.to_user(kUser, frame_).accepted, left);
    hub_.remove(members[3 - left]);
  }
  EXPECT_EQ(hub_.to_user(kUser, frame_).accepted, 0u);
}

}  // namespace
}  // namespace wscast::hub
