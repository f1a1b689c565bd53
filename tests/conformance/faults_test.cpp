// Every rule with each of its reads and writes failing in turn: a short or interrupted one changes
// nothing that the client sees; a broken one ends the connection, once.

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "conformance/harness.h"
#include "support/faulty_stream.h"

namespace wscast::conformance {
namespace {

using std::chrono::seconds;
using test::FaultyStream;
using test::IoCall;
using test::IoFault;
using test::PlannedFault;

bool contains(const std::vector<std::string>& seen, std::string_view what) {
  return std::ranges::find(seen, what) != seen.end();
}

class Faults : public testing::TestWithParam<Rule> {
 protected:
  /// Runs the rule with that fault. Returns whether there was such a call.
  static bool run(PlannedFault plan) {
    const Rule& rule = GetParam();
    SCOPED_TRACE(std::string(to_string(plan.fault)) + " at call " + std::to_string(plan.number) +
                 (plan.call == IoCall::read ? " of read" : " of write"));
    Peer::Options options;
    options.wrap = [&plan](net::Stream& below) {
      return std::make_unique<FaultyStream>(below, plan);
    };
    Peer peer(options);
    peer.send(rule.input);
    if (is_harmless(plan.fault)) {
      EXPECT_EQ(peer.seen(), rule.seen);
      return plan.fired;
    }
    peer.break_off();
    peer.pass(seconds(60));
    peer.pass(seconds(60));
    EXPECT_TRUE(peer.ended());
    EXPECT_FALSE(contains(peer.seen(), "on_close miscounted"));
    return plan.fired;
  }

  static void run_all(IoCall call, IoFault fault) {
    int number = 1;
    while (run({.call = call, .fault = fault, .number = number})) ASSERT_LT(++number, 1'000);
  }
};

TEST_P(Faults, ReadsInTurn) {
  for (const auto fault : {IoFault::error, IoFault::end, IoFault::interrupt, IoFault::one_byte}) {
    run_all(IoCall::read, fault);
  }
}

TEST_P(Faults, WritesInTurn) {
  for (const auto fault : {IoFault::error, IoFault::interrupt, IoFault::one_byte}) {
    run_all(IoCall::write, fault);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Faults, testing::ValuesIn(all_rules()),
                         [](const testing::TestParamInfo<Rule>& rule) { return rule.param.name; });

}  // namespace
}  // namespace wscast::conformance
