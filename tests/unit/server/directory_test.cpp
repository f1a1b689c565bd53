#include "server/directory.h"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/session_fakes.h"

namespace wscast::server {
namespace {

using Names = std::set<std::string>;
using Shards = std::vector<std::size_t>;

Names ids(const std::vector<ClientInfo>& infos) {
  Names names;
  for (const ClientInfo& info : infos) EXPECT_TRUE(names.insert(info.id).second);
  return names;
}

Shards sorted(Shards shards) {
  std::ranges::sort(shards);
  return shards;
}

class DirectoryTest : public testing::Test {
 protected:
  static constexpr std::size_t kShards = 4;

  hub::ClientRecord& add(std::size_t shard, std::string user = {}) {
    auto& record = *records_.emplace_back(std::make_unique<hub::ClientRecord>(
        ClientId::generate(system_random()), shard, clock_.now(), clock_.wall()));
    directory_.add(record);
    record.state = ClientState::authenticated;
    directory_.identify(record, {.user_id = std::move(user)}, &identified_);
    return record;
  }

  session::FakeClock clock_;
  Directory directory_{kShards, clock_};
  Interest identified_;  ///< What add() has reported.
  std::vector<std::unique_ptr<hub::ClientRecord>> records_;
};

TEST_F(DirectoryTest, KnowsTheShardOfEachClient) {
  const auto& alice = add(2);
  EXPECT_EQ(directory_.shard_of(alice.id), 2u);
  EXPECT_EQ(directory_.shard_of(ClientId::generate(system_random())), std::nullopt);
  EXPECT_EQ(directory_.clients(), 1u);
}

TEST_F(DirectoryTest, X6AUserHasAsManyClientsAsItMayOverAllShards) {
  const auto identify = [&](hub::ClientRecord& record, std::string user) {
    return directory_.identify(record, {.user_id = std::move(user)}, &identified_, 2) ==
           hub::IdentifyResult::identified;
  };
  const auto make = [&](std::size_t shard) -> hub::ClientRecord& {
    auto& record = *records_.emplace_back(std::make_unique<hub::ClientRecord>(
        ClientId::generate(system_random()), shard, clock_.now(), clock_.wall()));
    directory_.add(record);
    return record;
  };
  auto& one = make(0);
  auto& two = make(1);
  auto& three = make(2);
  EXPECT_TRUE(identify(one, "alice"));
  EXPECT_TRUE(identify(two, "alice"));
  const std::size_t channels = identified_.subscribe.size();
  EXPECT_FALSE(identify(three, "alice"));
  EXPECT_EQ(identified_.subscribe.size(), channels);
  EXPECT_EQ(three.identity.user_id.view(), "");
  EXPECT_EQ(directory_.infos_of_user("alice").size(), 2u);
  EXPECT_TRUE(identify(make(3), "bob"));
  directory_.remove(one);
  EXPECT_TRUE(identify(three, "alice"));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(identify(make(0), {})) << "no user has no limit";
}

TEST_F(DirectoryTest, ListsClientsAndRoomsInParts) {
  std::vector<std::string> ids;
  for (int i = 0; i < 10; ++i) {
    const ClientId& id = add(0).id;
    ids.push_back(id.text());
    directory_.join(id, "room " + std::to_string(i % 5));
  }
  std::ranges::sort(ids);
  std::vector<std::string> seen;
  std::string after;
  for (std::size_t size : {3, 3, 3, 1, 0}) {
    const auto part = directory_.infos(Page{.after = after, .limit = 3});
    ASSERT_EQ(part.size(), size);
    for (const ClientInfo& client : part) seen.push_back(client.id);
    after = seen.back();
  }
  EXPECT_EQ(seen, ids);
  const auto rooms = directory_.rooms({.after = "room 1", .limit = 2});
  ASSERT_EQ(rooms.size(), 2u);
  EXPECT_EQ(rooms[0].name, "room 2");
  EXPECT_EQ(rooms[1].name, "room 3");
  EXPECT_EQ(rooms[0].members, 2u);
  EXPECT_TRUE(directory_.rooms({.limit = 0}).empty());
  EXPECT_EQ(directory_.rooms({}).size(), 5u) << "without those of clients' ids";
}

TEST_F(DirectoryTest, X9ARevokedUserIsNotIdentifiedUntilItsTime) {
  using hub::IdentifyResult;
  using std::chrono::seconds;
  hub::ClientRecord alice(ClientId::generate(system_random()), 0, clock_.now(), clock_.wall());
  directory_.add(alice);
  EXPECT_TRUE(directory_.revoke("alice", clock_.wall() + seconds(1)));
  EXPECT_EQ(directory_.identify(alice, {.user_id = "alice"}, &identified_),
            IdentifyResult::revoked);
  EXPECT_EQ(identified_.subscribe, std::vector<std::string>{});
  EXPECT_EQ(alice.identity.user_id.view(), "");
  clock_.pass_wall(seconds(1));
  EXPECT_EQ(directory_.identify(alice, {.user_id = "alice"}, &identified_),
            IdentifyResult::identified);
  EXPECT_FALSE(directory_.revoke("alice", clock_.wall())) << "nothing to end";
  directory_.remove(alice);
}

TEST_F(DirectoryTest, X4MetadataChangesForEverybody) {
  auto& alice = add(0, "alice");
  directory_.renew(alice, Metadata::of(7));
  const auto info = directory_.info(alice.id);
  ASSERT_TRUE(info && info->metadata.get<int>() != nullptr);
  EXPECT_EQ(*info->metadata.get<int>(), 7);
  EXPECT_EQ(info->user_id, "alice");
}

TEST_F(DirectoryTest, AClientWithKeysIsEncryptedFromThatMomentOn) {
  auto& alice = add(0);
  EXPECT_FALSE(directory_.info(alice.id)->encrypted);
  alice.identity.keys = std::make_unique<const HandshakeKeys>();
  EXPECT_TRUE(directory_.info(alice.id)->encrypted);
}

TEST_F(DirectoryTest, TheFirstMemberOfARoomIsTold) {
  const auto& alice = add(0);
  const auto& bob = add(1);
  EXPECT_FALSE(directory_.occupied("a"));
  EXPECT_TRUE(directory_.join(alice.id, "a"));
  EXPECT_FALSE(directory_.join(alice.id, "a")) << "it is in it";
  EXPECT_FALSE(directory_.join(bob.id, "a"));
  EXPECT_TRUE(directory_.occupied("a"));
  directory_.leave(alice.id, "a");
  EXPECT_TRUE(directory_.occupied("a"));
  directory_.leave(bob.id, "a");
  EXPECT_FALSE(directory_.occupied("a"));
  Interest interest;
  EXPECT_TRUE(directory_.join(bob.id, "a", &interest));
  EXPECT_FALSE(directory_.join(bob.id, bob.id.text(), &interest)) << "its own";
  EXPECT_FALSE(directory_.occupied(bob.id.text()));
}

TEST_F(DirectoryTest, JoiningAndLeavingReturnTheClientsShard) {
  const auto& alice = add(3);
  EXPECT_EQ(directory_.change(alice.id, "a", true), 3u);
  EXPECT_EQ(directory_.change(alice.id, "a", true), 3u) << "again";
  EXPECT_TRUE(directory_.in_room(alice.id, "a"));
  EXPECT_EQ(directory_.room_size("a"), 1u);
  EXPECT_EQ(directory_.change(alice.id, "a", false), 3u);
  EXPECT_EQ(directory_.change(alice.id, "a", false), 3u) << "again";
  EXPECT_FALSE(directory_.in_room(alice.id, "a"));
  EXPECT_EQ(directory_.room_size("a"), 0u);
}

TEST_F(DirectoryTest, AnUnknownClientJoinsNothing) {
  const ClientId nobody = ClientId::generate(system_random());
  EXPECT_EQ(directory_.change(nobody, "a", true), std::nullopt);
  EXPECT_EQ(directory_.change(nobody, nobody.text(), true), std::nullopt);
  EXPECT_EQ(directory_.change(nobody, "a", false), std::nullopt);
  EXPECT_EQ(directory_.room_size("a"), 0u);
}

TEST_F(DirectoryTest, ARoomIsOnTheShardsThatHaveMembersOfIt) {
  const auto& first = add(0);
  const auto& second = add(0);
  const auto& third = add(2);
  for (const auto* one : {&first, &second, &third}) directory_.join(one->id, "a");
  EXPECT_EQ(directory_.shards_of_room("a"), (Shards{0, 2}));
  directory_.leave(first.id, "a");
  EXPECT_EQ(directory_.shards_of_room("a"), (Shards{0, 2}));
  directory_.leave(second.id, "a");
  EXPECT_EQ(directory_.shards_of_room("a"), Shards{2});
  EXPECT_EQ(directory_.shards_of_room("b"), Shards{});
}

TEST_F(DirectoryTest, D13TheRoomOfItsOwnIdIsOneOfItsRooms) {
  const auto& alice = add(1);
  const std::string own = alice.id.text();
  EXPECT_FALSE(directory_.in_room(alice.id, own)) << "before it has joined";
  directory_.join(alice.id, own);
  EXPECT_TRUE(directory_.in_room(alice.id, own));
  EXPECT_EQ(directory_.shards_of_room(own), Shards{1});
  EXPECT_EQ(directory_.room_size(own), 1u);
  EXPECT_EQ(ids(directory_.infos_of_room(own)), Names{own});
  EXPECT_EQ(directory_.info(alice.id)->rooms, std::vector{own});
  directory_.leave(alice.id, own);
  EXPECT_EQ(directory_.shards_of_room(own), Shards{});
  EXPECT_EQ(directory_.room_size(own), 0u);
  EXPECT_TRUE(directory_.infos_of_room(own).empty());
}

TEST_F(DirectoryTest, D14OthersInTheRoomOfAClientsIdAreMembersBesideIt) {
  const auto& alice = add(1);
  const auto& bob = add(3);
  const std::string room = alice.id.text();
  directory_.join(alice.id, room);
  directory_.join(bob.id, room);
  EXPECT_EQ(sorted(directory_.shards_of_room(room)), (Shards{1, 3}));
  EXPECT_EQ(directory_.room_size(room), 2u);
  EXPECT_EQ(ids(directory_.infos_of_room(room)), (Names{room, bob.id.text()}));
  directory_.remove(*records_[0]);
  EXPECT_EQ(directory_.room_size(room), 1u);
}

TEST_F(DirectoryTest, D2AUserIsOnTheShardsOfItsClients) {
  add(0, "alice");
  add(3, "alice");
  add(3, "alice");
  add(1, "bob");
  EXPECT_EQ(sorted(directory_.shards_of_user("alice")), (Shards{0, 3}));
  EXPECT_EQ(directory_.infos_of_user("alice").size(), 3u);
  EXPECT_EQ(directory_.shards_of_user("carol"), Shards{});
  directory_.remove(*records_[0]);
  EXPECT_EQ(directory_.shards_of_user("alice"), Shards{3});
}

TEST_F(DirectoryTest, M17AnEmptyUserIsNone) {
  add(0);
  EXPECT_EQ(directory_.shards_of_user(""), Shards{});
  EXPECT_TRUE(directory_.infos_of_user("").empty());
}

TEST_F(DirectoryTest, O16ARemovedClientIsInNothing) {
  auto& alice = add(1, "alice");
  directory_.join(alice.id, "a");
  directory_.join(alice.id, alice.id.text());
  directory_.remove(alice);
  EXPECT_EQ(directory_.clients(), 0u);
  EXPECT_EQ(directory_.shard_of(alice.id), std::nullopt);
  EXPECT_EQ(directory_.info(alice.id), std::nullopt);
  EXPECT_FALSE(directory_.in_room(alice.id, "a"));
  EXPECT_FALSE(directory_.in_room(alice.id, alice.id.text()));
  EXPECT_EQ(directory_.room_size("a"), 0u);
  EXPECT_EQ(directory_.shards_of_user("alice"), Shards{});
  EXPECT_TRUE(directory_.infos().empty());
}

TEST_F(DirectoryTest, AnInfoHasAllThatIsKnown) {
  auto& alice = add(1);
  clock_.pass(std::chrono::seconds(7));
  directory_.identify(
      alice, {.user_id = "alice",
              .metadata = Metadata::of(std::string("gold")),
              .keys = std::make_unique<const HandshakeKeys>(HandshakeKeys{"key", "salt"})});
  alice.state = ClientState::authenticated;
  alice.encrypted = true;
  alice.backpressured = true;
  directory_.join(alice.id, "a");
  const auto info = directory_.info(alice.id);
  EXPECT_EQ(info->id, alice.id.text());
  EXPECT_EQ(info->user_id, "alice");
  EXPECT_EQ(info->state, ClientState::authenticated);
  EXPECT_TRUE(info->encrypted);
  EXPECT_TRUE(info->backpressured);
  EXPECT_EQ(info->rooms, std::vector<std::string>{"a"});
  EXPECT_EQ(info->connected_at, clock_.wall());
  EXPECT_EQ(info->last_activity, clock_.wall() - std::chrono::seconds(7));
  EXPECT_EQ(*info->metadata.get<std::string>(), "gold");
  EXPECT_EQ(info->server_public_key, "key");
  EXPECT_EQ(info->salt, "salt");
}

TEST_F(DirectoryTest, ThePressureOfAClientIsWhatItsShardSawLast) {
  auto& alice = add(2);
  alice.full = true;
  const auto pressure = directory_.pressure_of(alice.id);
  EXPECT_EQ(pressure->shard, 2u);
  EXPECT_TRUE(pressure->full);
  EXPECT_FALSE(pressure->backpressured);
  EXPECT_FALSE(directory_.pressure_of(ClientId::generate(system_random())));
}

TEST_F(DirectoryTest, AnyOrderOfJoinsAndLeavesAgreesWithSets) {
  std::minstd_rand random(5);
  std::map<std::string, std::map<std::string, std::size_t>> model;  // Room: client, its shard.
  for (std::size_t i = 0; i < 12; ++i) add(i % kShards, "user" + std::to_string(i % 3));
  for (int step = 0; step < 5'000; ++step) {
    const auto& one = *records_[random() % records_.size()];
    const std::string room = "room" + std::to_string(random() % 6);
    if (random() % 2 == 0) {
      directory_.join(one.id, room);
      model[room][one.id.text()] = one.shard;
    } else {
      directory_.leave(one.id, room);
      model[room].erase(one.id.text());
    }
    Names members;
    std::set<std::size_t> shards;
    for (const auto& [id, shard] : model[room]) members.insert(id), shards.insert(shard);
    ASSERT_EQ(ids(directory_.infos_of_room(room)), members);
    ASSERT_EQ(directory_.room_size(room), members.size());
    ASSERT_EQ(directory_.shards_of_room(room), Shards(shards.begin(), shards.end()));
  }
  while (!records_.empty()) {
    directory_.remove(*records_.back());
    for (auto& [room, members] : model) members.erase(records_.back()->id.text());
    records_.pop_back();
    for (const auto& [room, members] : model) {
      ASSERT_EQ(directory_.room_size(room), members.size());
    }
  }
}

/// The channels of an interest in one line: + to subscribe, - to unsubscribe.
std::string channels(const Interest& interest) {
  std::string text;
  for (const auto& channel : interest.subscribe) text += "+" + channel + " ";
  for (const auto& channel : interest.unsubscribe) text += "-" + channel + " ";
  return text;
}

TEST_F(DirectoryTest, ReportsTheFirstAndTheLastOfARoom) {
  const auto& first = add(1);
  const auto& second = add(2);
  Interest seen;
  directory_.join(first.id, "a", &seen);
  directory_.join(second.id, "a", &seen);
  directory_.join(second.id, "a", &seen);
  EXPECT_EQ(channels(std::exchange(seen, {})), "+ws:room:a ");
  directory_.leave(first.id, "a", &seen);
  directory_.leave(first.id, "a", &seen);
  EXPECT_EQ(channels(seen), "");
  directory_.change(second.id, "a", false, &seen);
  EXPECT_EQ(channels(seen), "-ws:room:a ");
}

TEST_F(DirectoryTest, ReportsTheFirstAndTheLastOfAUserAndEachClient) {
  auto& first = add(1, "u");
  auto& second = add(2, "u");
  const std::string one = first.id.text();
  EXPECT_EQ(channels(std::exchange(identified_, {})),
            "+ws:client:" + one + " +ws:user:u +ws:client:" + second.id.text() + " ");
  Interest seen;
  directory_.join(first.id, one, &seen);
  EXPECT_EQ(channels(std::exchange(seen, {})), "+ws:room:" + one + " ");
  directory_.remove(first, &seen);
  EXPECT_EQ(channels(std::exchange(seen, {})), "-ws:room:" + one + " -ws:client:" + one + " ");
  directory_.remove(second, &seen);
  EXPECT_EQ(channels(seen), "-ws:client:" + second.id.text() + " -ws:user:u ");
}

TEST_F(DirectoryTest, ARemovedClientLeavesItsRooms) {
  auto& alice = add(1);
  const auto& bob = add(1);
  for (const auto* room : {"a", "b"}) directory_.join(alice.id, room);
  directory_.join(bob.id, "b");
  Interest seen;
  directory_.remove(alice, &seen);
  EXPECT_EQ(channels(seen), "-ws:room:a -ws:client:" + alice.id.text() + " ");
}

}  // namespace
}  // namespace wscast::server
