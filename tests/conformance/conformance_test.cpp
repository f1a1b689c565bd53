// Every rule is run whole, split at every byte, byte by byte, and with writes cut to one byte: what
// the client sees must be the same. The rules of RFC 6455 hold on a compressed connection, too.

#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "conformance/harness.h"

namespace wscast::conformance {
namespace {

constexpr std::size_t kSplitEverywhere = 700;  // Longer inputs are split at a sample of places.
constexpr std::size_t kSampledSplits = 64;

/// A server that accepts compression.
Peer::Options deflating() {
  Peer::Options options;
  options.transport.per_message_deflate.enabled = true;
  return options;
}

class Conformance : public testing::TestWithParam<Rule> {
 protected:
  using Look = std::vector<std::string> (*)(const Peer&);

  static std::vector<std::string> all(const Peer& peer) { return peer.seen(); }

  static void holds(const Rule& rule, const Peer::Options& options, Look look = all) {
    const auto run = [&](std::initializer_list<std::string_view> pieces) {
      Peer peer(options);
      for (const auto piece : pieces) peer.send(piece);
      return look(peer);
    };
    EXPECT_EQ(run({rule.input}), rule.seen) << "whole";

    const std::string_view input = rule.input;
    const std::size_t step = input.size() <= kSplitEverywhere ? 1 : input.size() / kSampledSplits;
    for (std::size_t at = 1; at < input.size(); at += step) {
      ASSERT_EQ(run({input.substr(0, at), input.substr(at)}), rule.seen) << "split at " << at;
    }

    Peer bytewise(options);
    for (std::size_t i = 0; i < input.size(); ++i) bytewise.send(input.substr(i, 1));
    EXPECT_EQ(look(bytewise), rule.seen) << "byte by byte";

    for (const auto& [one_byte, batched, how] :
         {std::tuple(true, false, "one byte a write"), std::tuple(true, true, "one byte a batch"),
          std::tuple(false, true, "batched")}) {
      auto writing = options;
      writing.one_byte_writes = one_byte;
      writing.batched_writes = batched;
      Peer peer(writing);
      peer.send(input);
      EXPECT_EQ(look(peer), rule.seen) << how;
    }
  }
};

std::string name_of(const testing::TestParamInfo<Rule>& rule) {
  return rule.param.name;
}

using Rfc6455 = Conformance;

TEST_P(Rfc6455, Holds) {
  holds(GetParam(), {});
}

INSTANTIATE_TEST_SUITE_P(All, Rfc6455, testing::ValuesIn(all_rules()), name_of);

using Rfc7692 = Conformance;

TEST_P(Rfc7692, Holds) {
  holds(GetParam(), deflating());
}

INSTANTIATE_TEST_SUITE_P(All, Rfc7692, testing::ValuesIn(deflate_rules()), name_of);

/// The rules about messages, on a connection that has agreed on compression; those about RSV1 have
/// others in their place there.
std::vector<Rule> compressed_rules() {
  constexpr std::string_view kOffer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  std::vector<Rule> rules;
  for (Rule rule : all_rules()) {
    const bool about_rsv1 = rule.name.starts_with("S5_2_Rsv") && rule.name[8] >= '4';
    if (!rule.input.starts_with(request()) || about_rsv1) continue;
    rule.input = request(kOffer) + rule.input.substr(request().size());
    rules.push_back(std::move(rule));
  }
  return rules;
}

/// What the client sees, but for the compression that was agreed on, and used where it helps.
std::vector<std::string> seen_inflated(const Peer& peer) {
  constexpr std::string_view kUpgraded = "HTTP 101";
  constexpr std::string_view kDeflated = "deflated ";
  auto seen = peer.seen();
  for (std::string& entry : seen) {
    if (entry.starts_with(kDeflated)) entry.erase(0, kDeflated.size());
    if (entry == kUpgraded) return {"nothing was agreed on"};
    if (entry.starts_with("HTTP 101 permessage-deflate;")) entry = kUpgraded;
  }
  return seen;
}

using Rfc6455Compressed = Conformance;

TEST_P(Rfc6455Compressed, Holds) {
  holds(GetParam(), deflating(), seen_inflated);
}

INSTANTIATE_TEST_SUITE_P(All, Rfc6455Compressed, testing::ValuesIn(compressed_rules()), name_of);

TEST(ConformanceRules, AreAtLeast360EachCountedOnce) {
  std::set<std::string> names;
  for (const auto& rules : {all_rules(), deflate_rules()}) {
    for (const Rule& rule : rules) EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
  }
  EXPECT_GE(names.size(), 360u);
  EXPECT_GT(compressed_rules().size(), 200u);
}

/// Before its peer is trusted a connection sends nothing compressed, and inflates little.
TEST(ConformanceRules, BeforeAuthenticationNothingIsSentCompressed) {
  auto options = deflating();
  options.trusts = false;
  const std::string hello = request("Sec-WebSocket-Extensions: permessage-deflate\r\n");
  Peer peer(options);
  peer.send(hello + text(std::string(500, 'a')));
  EXPECT_EQ(peer.seen().back(), shown("text", std::string(500, 'a')));
  EXPECT_EQ(peer.count(Counter::deflate_connections), 1u);
  EXPECT_EQ(peer.count(Counter::compressed_sends), 0u);
  for (const std::size_t size : {16'384u, 16'385u}) {
    Peer inflating(options);
    inflating.send(hello + frame(0xc2, deflated(std::string(size, 'a'))));
    EXPECT_EQ(inflating.seen().back() == "end", size > 16'384) << size;
    EXPECT_EQ(inflating.count(Counter::closed_message_too_big), size > 16'384 ? 1u : 0u);
    EXPECT_EQ(inflating.count(Counter::messages_inflated), size > 16'384 ? 0u : 1u);
  }
}

/// A read full of small frames that inflate to much is handled a slice at a time.
TEST(ConformanceRules, ABurstOfCompressedMessagesDoesNotHoldUpTheShard) {
  auto options = deflating();
  options.short_slices = true;
  std::string burst = request("Sec-WebSocket-Extensions: permessage-deflate\r\n");
  for (int i = 0; i < 20; ++i) burst += frame(0xc2, deflated(std::string(60'000, 'a')));
  Peer peer(options);
  peer.send(burst);
  EXPECT_EQ(peer.messages(), 20);
  EXPECT_EQ(peer.seen().size(), 21u);
}

}  // namespace
}  // namespace wscast::conformance
