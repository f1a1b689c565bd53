#include "wscast/stats.h"

#include <array>
#include <set>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "base/counters.h"

namespace wscast {
namespace {

/// The enumerator as the compiler spells it, behind the last `::`.
template <Counter counter>
constexpr std::string_view spelling() {
  std::string_view function = __PRETTY_FUNCTION__;  // "... [with Counter counter = Counter::x; ..."
  function.remove_prefix(function.find("counter = "));
  function = function.substr(0, function.find_first_of(";]"));
  return function.substr(function.rfind(':') + 1);
}

template <std::size_t... indices>
constexpr auto spellings(std::index_sequence<indices...>) {
  return std::array{spelling<static_cast<Counter>(indices)>()...};
}

TEST(Stats, TheNameOfEachCounterIsItsEnumerator) {
  constexpr auto kSpellings = spellings(std::make_index_sequence<kCounters>());
  for (std::size_t i = 0; i < kCounters; ++i) {
    EXPECT_EQ(to_string(static_cast<Counter>(i)), kSpellings[i]);
  }
  EXPECT_EQ(to_string(Counter::count_), "unknown");
}

TEST(Stats, EveryCounterHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kCounters; ++i) names.insert(to_string(static_cast<Counter>(i)));
  EXPECT_EQ(names.size(), kCounters);
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(Stats, SumsTheCountersOfSeveralShards) {
  Counters one;
  Counters other;
  one.add(Counter::upgrades);
  other.add(Counter::upgrades, 4);
  Stats stats;
  one.add_to(stats);
  other.add_to(stats);
  EXPECT_EQ(stats[Counter::upgrades], 5u);
  EXPECT_EQ(stats[Counter::http_not_found], 0u);
}

}  // namespace
}  // namespace wscast
