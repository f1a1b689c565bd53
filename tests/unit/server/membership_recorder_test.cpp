#include "server/membership_recorder.h"

#include <atomic>
#include <new>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/fake_shards.h"

namespace wscast::server {
namespace {

using Texts = std::vector<std::string>;

class FakeEvents final : public RoomEvents {
 public:
  bool wanted() const noexcept override { return is_wanted; }
  void on_joined(const hub::ClientRecord& client, std::string_view room) override {
    if (throws) throw std::bad_alloc();
    events.push_back(std::string(client.identity.user_id.view()) + " joined " + std::string(room));
  }
  void on_left(const hub::ClientRecord& client, std::string_view room) noexcept override {
    events.push_back(std::string(client.identity.user_id.view()) + " left " + std::string(room));
  }

  bool is_wanted = true;
  bool throws = false;
  Texts events;
};

class MembershipRecorderTest : public testing::Test {
 protected:
  hub::ClientRecord make_record() {
    return {ClientId::generate(system_random()), 1, shards_.clock.now(), shards_.clock.wall()};
  }

  FakeShards shards_{2};
  FakeBackplane backplane_{shards_};
  ChannelInterest& interest_ = backplane_.interest;
  Directory directory_{2, shards_.clock};
  std::atomic<std::size_t> unauthenticated_{0};
  Counters counters_;
  ServerOptions options_;
  RoomOccupancy occupancy_{options_, directory_, shards_.router};
  MembershipRecorder recorder_{directory_,       interest_,        occupancy_,
                               unauthenticated_, options_.session, counters_};
};

TEST_F(MembershipRecorderTest, TheDirectoryFollowsTheHub) {
  hub::ClientRecord client = make_record();
  recorder_.on_add(client);
  EXPECT_EQ(directory_.shard_of(client.id), 1u);
  recorder_.identify(client, {.user_id = "u"});
  EXPECT_EQ(directory_.shards_of_user("u"), std::vector<std::size_t>{1});
  recorder_.on_join(client, "a");
  EXPECT_TRUE(directory_.in_room(client.id, "a"));
  recorder_.on_leave(client, "a");
  EXPECT_FALSE(directory_.in_room(client.id, "a"));
  recorder_.on_remove(client);
  EXPECT_EQ(directory_.clients(), 0u);
}

TEST_F(MembershipRecorderTest, TheFirstAndTheLastOfAChannelAreReported) {
  hub::ClientRecord client = make_record();
  const std::string id = client.id.text();
  recorder_.on_add(client);
  EXPECT_EQ(shards_.executed(kBrokerShard), Texts{});
  recorder_.identify(client, {.user_id = "u"});
  client.state = ClientState::authenticated;
  EXPECT_EQ(shards_.executed(kBrokerShard), Texts{"interest +ws:client:" + id + " +ws:user:u"});
  recorder_.on_join(client, "a");
  recorder_.on_leave(client, "a");
  EXPECT_EQ(shards_.executed(kBrokerShard), (Texts{"interest +ws:room:a", "interest -ws:room:a"}));
  recorder_.on_join(client, "b");
  recorder_.on_remove(client);
  EXPECT_EQ(shards_.executed(kBrokerShard),
            (Texts{"interest +ws:room:b", "interest -ws:room:b -ws:client:" + id + " -ws:user:u"}));
}

TEST_F(MembershipRecorderTest, MembershipsAreReportedWhenTheyAreInTheDirectory) {
  FakeEvents events;
  recorder_.report_to(events);
  hub::ClientRecord client = make_record();
  recorder_.on_add(client);
  recorder_.identify(client, {.user_id = "u"});
  recorder_.on_join(client, "a");
  recorder_.on_leave(client, "a");
  EXPECT_EQ(events.events, (Texts{"u joined a", "u left a"}));
  EXPECT_TRUE(recorder_.notes_each_leave());
  recorder_.on_remove(client);
}

TEST_F(MembershipRecorderTest, AMembershipThatCannotBeReportedIsTakenBack) {
  FakeEvents events;
  events.throws = true;
  recorder_.report_to(events);
  hub::ClientRecord client = make_record();
  recorder_.on_add(client);
  EXPECT_THROW(recorder_.on_join(client, "a"), std::bad_alloc);
  EXPECT_FALSE(directory_.in_room(client.id, "a"));
  EXPECT_EQ(shards_.executed(kBrokerShard), (Texts{"interest +ws:room:a", "interest -ws:room:a"}));
  EXPECT_EQ(events.events, Texts{});
  EXPECT_EQ(occupancy_.pending(), 0u);
  recorder_.on_remove(client);
}

TEST_F(MembershipRecorderTest, TheFirstAndTheLastOfARoomAreNoted) {
  options_.hooks.room_vacated = [](const RoomEvent&) {};
  RoomOccupancy rooms(options_, directory_, shards_.router);
  MembershipRecorder recorder(directory_, interest_, rooms, unauthenticated_, options_.session,
                              counters_);
  hub::ClientRecord one = make_record();
  hub::ClientRecord two = make_record();
  for (auto* client : {&one, &two}) recorder.on_add(*client);
  recorder.on_join(one, "a");
  EXPECT_EQ(rooms.pending(), 1u);
  recorder.on_join(two, "a");
  recorder.on_leave(one, "a");
  EXPECT_EQ(rooms.pending(), 1u);
  recorder.on_leave(two, "a");
  EXPECT_EQ(rooms.pending(), 2u);
  EXPECT_TRUE(recorder.notes_each_leave());
  for (auto* client : {&one, &two}) recorder.on_remove(*client);
}

TEST_F(MembershipRecorderTest, EachLeaveIsNotedForWhatNeedsIt) {
  EXPECT_FALSE(recorder_.notes_each_leave());
  FakeEvents events;
  recorder_.report_to(events);
  EXPECT_TRUE(recorder_.notes_each_leave());
  events.is_wanted = false;
  EXPECT_FALSE(recorder_.notes_each_leave());
}

TEST_F(MembershipRecorderTest, X6OneTooManyOfAUserStaysUnauthenticated) {
  options_.session.max_clients_per_user = 1;
  hub::ClientRecord one = make_record();
  hub::ClientRecord two = make_record();
  for (auto* client : {&one, &two}) recorder_.on_add(*client);
  EXPECT_EQ(recorder_.identify(one, {.user_id = "u"}), hub::IdentifyResult::identified);
  one.state = ClientState::authenticated;
  shards_.executed(kBrokerShard);
  EXPECT_EQ(recorder_.identify(two, {.user_id = "u"}), hub::IdentifyResult::too_many_clients);
  EXPECT_EQ(unauthenticated_, 1u);
  EXPECT_EQ(shards_.executed(kBrokerShard), Texts{});
  for (auto* client : {&one, &two}) recorder_.on_remove(*client);
  EXPECT_EQ(unauthenticated_, 0u);
}

TEST_F(MembershipRecorderTest, CountsTheUnauthenticated) {
  hub::ClientRecord one = make_record();
  hub::ClientRecord two = make_record();
  recorder_.on_add(one);
  recorder_.on_add(two);
  EXPECT_EQ(unauthenticated_, 2u);
  recorder_.identify(one, {});
  one.state = ClientState::authenticated;
  EXPECT_EQ(unauthenticated_, 1u);
  recorder_.on_remove(one);
  EXPECT_EQ(unauthenticated_, 1u);
  recorder_.on_remove(two);
  EXPECT_EQ(unauthenticated_, 0u);
}

}  // namespace
}  // namespace wscast::server
