#include "net/tls/ticket_keys.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "support/fake_random.h"
#include "support/session_fakes.h"

namespace wscast::net {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class TicketKeysTest : public testing::Test {
 protected:
  session::FakeClock clock_;
  FakeRandom random_;
  TicketKeys keys_{clock_, random_};
};

TEST_F(TicketKeysTest, AreTheSameForAnHour) {
  const auto first = keys_.current();
  clock_.pass(minutes(59));
  EXPECT_EQ(keys_.current().name, first.name);
  clock_.pass(minutes(1));
  const auto second = keys_.current();
  EXPECT_NE(second.name, first.name);
  EXPECT_NE(second.cipher, first.cipher);
  EXPECT_NE(second.mac, first.mac);
}

TEST_F(TicketKeysTest, AKeyOpensItsTicketsForTheirWholeLife) {
  const auto first = keys_.current();
  clock_.pass(TicketKeys::kRotation + TicketKeys::kTicketLife - seconds(1));
  keys_.current();
  const auto found = keys_.find(first.name);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->key.cipher, first.cipher);
  EXPECT_EQ(found->key.mac, first.mac);
  clock_.pass(seconds(1));
  EXPECT_FALSE(keys_.find(first.name));
}

TEST_F(TicketKeysTest, ATicketOfAnOlderKeyIsToBeRenewed) {
  const auto first = keys_.current();
  EXPECT_FALSE(keys_.find(first.name)->renew);
  clock_.pass(hours(1));
  EXPECT_TRUE(keys_.find(first.name)->renew);
  const auto second = keys_.current();
  EXPECT_FALSE(keys_.find(second.name)->renew);
}

TEST_F(TicketKeysTest, KeepsNoMoreThanTheTicketsNeed) {
  std::vector<TicketKeys::Name> names;
  for (int i = 0; i < 100; ++i) {
    names.push_back(keys_.current().name);
    clock_.pass(hours(1));
  }
  int kept = 0;
  for (const auto& name : names) kept += keys_.find(name) ? 1 : 0;
  EXPECT_EQ(kept, 12);
}

TEST_F(TicketKeysTest, AnUnknownNameHasNoKey) {
  keys_.current();
  EXPECT_FALSE(keys_.find(TicketKeys::Name{0xff}));
}

TEST_F(TicketKeysTest, WithoutRandomnessThereIsNoNewKey) {
  const auto first = keys_.current();
  random_.fails = true;
  EXPECT_EQ(keys_.current().name, first.name);
  clock_.pass(hours(1));
  EXPECT_THROW(keys_.current(), std::runtime_error);
}

}  // namespace
}  // namespace wscast::net
