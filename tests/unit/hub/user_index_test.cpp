#include "hub/user_index.h"

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::hub {
namespace {

using Index = UserIndex<&ClientRecord::on_shard>;

std::unique_ptr<ClientRecord> client_of(std::string user) {
  auto made = std::make_unique<ClientRecord>(ClientId::generate(system_random()), 0, SteadyTime(),
                                             WallTime());
  made->identity.user_id = user;
  return made;
}

/// Each client once; one that is met twice fails.
std::set<ClientRecord*> clients_of(const Index& index, std::string_view user) {
  std::set<ClientRecord*> clients;
  index.for_each(user, [&](ClientRecord& one) { EXPECT_TRUE(clients.insert(&one).second); });
  return clients;
}

TEST(UserIndex, FindsTheClientsOfAUserAndNobodyElse) {
  const auto phone = client_of("alice");
  const auto desk = client_of("alice");
  const auto bob = client_of("bob");
  Index index;
  for (const auto& one : {phone.get(), desk.get(), bob.get()}) index.add(*one);
  EXPECT_EQ(clients_of(index, "alice"), (std::set{phone.get(), desk.get()}));
  EXPECT_EQ(clients_of(index, "bob"), std::set{bob.get()});
  EXPECT_TRUE(clients_of(index, "").empty());
}

TEST(UserIndex, ForgetsWhoeverLeavesFirstMiddleOrLast) {
  for (std::size_t leaver = 0; leaver < 3; ++leaver) {
    std::vector<std::unique_ptr<ClientRecord>> clients;
    Index index;
    std::set<ClientRecord*> rest;
    for (int i = 0; i < 3; ++i) index.add(*clients.emplace_back(client_of("alice")));
    for (const auto& one : clients) rest.insert(one.get());
    index.remove(*clients[leaver]);
    rest.erase(clients[leaver].get());
    EXPECT_EQ(clients_of(index, "alice"), rest) << leaver;
  }
}

TEST(UserIndex, AStrangerOfTheSameUserTakesNobodyAlong) {
  const auto known = client_of("alice");
  const auto stranger = client_of("alice");
  Index index;
  index.add(*known);
  index.remove(*stranger);
  EXPECT_EQ(clients_of(index, "alice"), std::set{known.get()});
}

TEST(UserIndex, TheClientThatIsVisitedMayLeave) {
  std::vector<std::unique_ptr<ClientRecord>> clients;
  Index index;
  for (int i = 0; i < 5; ++i) index.add(*clients.emplace_back(client_of("alice")));
  int visited = 0;
  index.for_each("alice", [&](ClientRecord& one) {
    index.remove(one);
    ++visited;
  });
  EXPECT_EQ(visited, 5);
  EXPECT_TRUE(clients_of(index, "alice").empty());
}

TEST(UserIndex, ItsTwoChainsAreIndependent) {
  const auto client = client_of("alice");
  Index here;
  UserIndex<&ClientRecord::everywhere> everywhere;
  here.add(*client);
  everywhere.add(*client);
  here.remove(*client);
  int seen = 0;
  everywhere.for_each("alice", [&](ClientRecord&) { ++seen; });
  EXPECT_EQ(seen, 1);
}

TEST(UserIndex, AnyOrderOfAddsAndRemovesAgreesWithAMapOfSets) {
  std::minstd_rand random(11);
  std::map<std::string, std::set<ClientRecord*>> model;
  std::vector<std::unique_ptr<ClientRecord>> clients;
  for (int i = 0; i < 40; ++i) clients.push_back(client_of("user" + std::to_string(i % 6)));
  Index index;
  for (int step = 0; step < 20'000; ++step) {
    ClientRecord& one = *clients[random() % clients.size()];
    auto& known = model[std::string(one.identity.user_id.view())];
    if (known.contains(&one) || random() % 4 == 0) {
      index.remove(one);
      known.erase(&one);
    } else {
      index.add(one);
      known.insert(&one);
    }
    ASSERT_EQ(clients_of(index, one.identity.user_id.view()), known) << "step " << step;
  }
}

}  // namespace
}  // namespace wscast::hub
