#include "crypto/iv_source.h"

#include <set>

#include <gtest/gtest.h>

#include "support/fake_random.h"

namespace wscast::crypto {
namespace {

// Several times what is fetched at once.
constexpr std::uint32_t kMany = 2'000;

// shows: S3
TEST(IvSource, HandsOutWhatRandomGaveEachByteOnce) {
  FakeRandom random;
  IvSource source(random);
  for (std::uint32_t n = 0; n < 3 * kMany; n += 3) {
    Iv expected;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      expected[i] = static_cast<std::uint8_t>((n + i / 4) >> (8 * (3 - i % 4)));
    }
    ASSERT_EQ(source.next(), expected) << n;
  }
  EXPECT_GT(random.calls, 1);
  EXPECT_LT(random.calls, 20) << "many are fetched at once";
}

TEST(IvSource, S3NeverRepeats) {
  IvSource source(system_random());
  std::set<Iv> seen;
  for (std::uint32_t n = 0; n < kMany; ++n) seen.insert(source.next());
  EXPECT_EQ(seen.size(), kMany);
}

TEST(IvSource, HandsOutNothingOldWhenRandomFails) {
  FakeRandom random;
  IvSource source(random);
  std::set<Iv> seen{source.next()};
  random.fails = true;
  const auto use_up = [&] {
    for (std::uint32_t n = 0; n < kMany; ++n) EXPECT_TRUE(seen.insert(source.next()).second);
  };
  EXPECT_THROW(use_up(), std::runtime_error);
  EXPECT_THROW(source.next(), std::runtime_error) << "it tries each time";
  random.fails = false;
  EXPECT_TRUE(seen.insert(source.next()).second);
}

}  // namespace
}  // namespace wscast::crypto
