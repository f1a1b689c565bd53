#include "message_ledger.h"

#include <gtest/gtest.h>

namespace wscast::bench {
namespace {

using Result = MessageLedger::Result;

class MessageLedgerTest : public testing::Test {
 protected:
  static constexpr std::size_t kHere = 0;
  static constexpr std::size_t kThere = 1;

  void publish(std::size_t server, Result result = Result::all_servers) {
    ledger_.on_result(0, server, ledger_.publish(0, server), result);
  }

  MessageLedger ledger_{1, 2, 1};
};

TEST_F(MessageLedgerTest, FindsWhatIsLostInTheMiddleAndAtTheEnd) {
  ledger_.enter(0, 0, kHere);
  for (int i = 0; i < 4; ++i) publish(kThere);
  ledger_.receive(0, kThere, 1);
  ledger_.receive(0, kThere, 3);
  const auto totals = ledger_.settle();
  EXPECT_EQ(totals.published, 4u);
  EXPECT_EQ(totals.delivered, 2u);
  EXPECT_EQ(totals.lost, 2u);
}

TEST_F(MessageLedgerTest, ExpectsNothingFromBeforeEnteringAndAfterLeaving) {
  publish(kHere);
  ledger_.enter(0, 0, kHere);
  ledger_.receive(0, kHere, 1);
  publish(kHere);
  ledger_.leave(0);
  publish(kHere);
  const auto totals = ledger_.settle();
  EXPECT_EQ(totals.lost, 0u);
  EXPECT_EQ(totals.out_of_order, 0u);
}

TEST_F(MessageLedgerTest, KeepsTheHolesOfWhoLeft) {
  ledger_.enter(0, 0, kHere);
  publish(kHere);
  publish(kHere);
  ledger_.receive(0, kHere, 2);
  ledger_.leave(0);
  ledger_.enter(0, 0, kHere);
  EXPECT_EQ(ledger_.settle().lost, 1u);
}

TEST_F(MessageLedgerTest, AResultExcusesWhatItSays) {
  ledger_.enter(0, 0, kHere);
  publish(kThere, Result::this_server);
  publish(kThere, Result::refused);
  publish(kHere, Result::none);
  EXPECT_EQ(ledger_.settle().told_by_result, 3u);
  ledger_.enter(0, 0, kHere);
  publish(kHere, Result::this_server);
  EXPECT_EQ(ledger_.settle().lost, 1u);
}

TEST_F(MessageLedgerTest, AResultOfThisServerExcusesOnlyThoseOfOthers) {
  ledger_.place(0, kThere, kHere);
  ledger_.enter(0, 0, kHere);
  publish(kThere, Result::this_server);
  EXPECT_EQ(ledger_.settle().lost, 1u);
}

TEST_F(MessageLedgerTest, ANoticeExcusesAsManyAsItCounts) {
  ledger_.enter(0, 0, kHere);
  for (int i = 0; i < 3; ++i) publish(kHere);
  ledger_.notice(0, 2);
  const auto totals = ledger_.settle();
  EXPECT_EQ(totals.told_by_count, 2u);
  EXPECT_EQ(totals.lost, 1u);
}

TEST_F(MessageLedgerTest, ANoticeWithoutCountExcusesWhatWasPublishedBefore) {
  ledger_.enter(0, 0, kHere);
  publish(kThere);
  publish(kHere);
  ledger_.notice(0, std::nullopt);
  publish(kThere);
  const auto totals = ledger_.settle();
  EXPECT_EQ(totals.told_by_gap, 2u);
  EXPECT_EQ(totals.lost, 1u);
}

TEST_F(MessageLedgerTest, CountsWhatComesTwiceOrTooLate) {
  ledger_.enter(0, 0, kHere);
  for (int i = 0; i < 3; ++i) publish(kHere);
  ledger_.receive(0, kHere, 1);
  ledger_.receive(0, kHere, 1);
  ledger_.receive(0, kHere, 3);
  ledger_.receive(0, kHere, 2);
  const auto totals = ledger_.settle();
  EXPECT_EQ(totals.out_of_order, 2u);
  EXPECT_EQ(totals.lost, 1u);
}

}  // namespace
}  // namespace wscast::bench
