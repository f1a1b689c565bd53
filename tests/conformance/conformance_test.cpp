// Every rule is run whole, split at every byte, byte by byte, and with writes cut to one byte: what
// the client sees must be the same.

#include <set>

#include <gtest/gtest.h>

#include "conformance/harness.h"

namespace wscast::conformance {
namespace {

constexpr std::size_t kSplitEverywhere = 700;  // Longer inputs are split at a sample of places.
constexpr std::size_t kSampledSplits = 64;

class Rfc6455 : public testing::TestWithParam<Rule> {
 protected:
  const Rule& rule() const { return GetParam(); }

  static std::vector<std::string> run(std::initializer_list<std::string_view> pieces) {
    Peer peer;
    for (const auto piece : pieces) peer.send(piece);
    return peer.seen();
  }
};

TEST_P(Rfc6455, Holds) {
  EXPECT_EQ(run({rule().input}), rule().seen) << "whole";

  const std::string_view input = rule().input;
  const std::size_t step = input.size() <= kSplitEverywhere ? 1 : input.size() / kSampledSplits;
  for (std::size_t at = 1; at < input.size(); at += step) {
    ASSERT_EQ(run({input.substr(0, at), input.substr(at)}), rule().seen) << "split at " << at;
  }

  Peer bytewise;
  for (std::size_t i = 0; i < input.size(); ++i) bytewise.send(input.substr(i, 1));
  EXPECT_EQ(bytewise.seen(), rule().seen) << "byte by byte";

  Peer slow_writer({.one_byte_writes = true});
  slow_writer.send(input);
  EXPECT_EQ(slow_writer.seen(), rule().seen) << "one byte a write";
}

INSTANTIATE_TEST_SUITE_P(All, Rfc6455, testing::ValuesIn(all_rules()),
                         [](const testing::TestParamInfo<Rule>& rule) { return rule.param.name; });

TEST(Conformance, HasAtLeast200RulesEachCountedOnce) {
  std::set<std::string> names;
  for (const Rule& rule : all_rules()) EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
  EXPECT_GE(names.size(), 200u);
}

}  // namespace
}  // namespace wscast::conformance
