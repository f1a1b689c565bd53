// Hashes of names that peers choose: keyed, so that a peer cannot prepare names that collide.
#include "base/string_hash.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast {
namespace {

constexpr HashKey kKey = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// What libstdc++'s std::hash does with 8 bytes (MurmurHash64A with a public seed).
constexpr std::uint64_t kMultiplier = 0xc6a4a7935bd1e995;
constexpr std::uint64_t kSeed = 0xc70f6907;

std::uint64_t scramble(std::uint64_t block) {
  block *= kMultiplier;
  block ^= block >> 47;
  return block * kMultiplier;
}

constexpr std::uint64_t inverse_of(std::uint64_t odd) {
  std::uint64_t inverse = odd;
  for (int i = 0; i < 6; ++i) inverse *= 2 - odd * inverse;
  return inverse;
}

std::uint64_t unscramble(std::uint64_t block) {
  block *= inverse_of(kMultiplier);
  block ^= block >> 47;
  return block * inverse_of(kMultiplier);
}

bool is_ascii(std::uint64_t block) {
  return (block & 0x8080'8080'8080'8080) == 0;
}

/// So many room names of 16 ASCII characters with one and the same std::hash.
std::vector<std::string> names_that_collide_unkeyed(std::size_t count) {
  std::vector<std::string> names;
  std::mt19937_64 random(1);
  const std::uint64_t wanted = random();
  while (names.size() < count) {
    std::array<std::uint64_t, 2> blocks = {random() & 0x7f7f'7f7f'7f7f'7f7f, 0};
    const std::uint64_t begun =
        ((kSeed ^ (sizeof blocks * kMultiplier)) ^ scramble(blocks[0])) * kMultiplier;
    blocks[1] = unscramble(wanted ^ begun);
    if (!is_ascii(blocks[1])) continue;
    std::string name(sizeof blocks, '\0');
    std::memcpy(name.data(), blocks.data(), sizeof blocks);
    names.push_back(std::move(name));
  }
  return names;
}

std::string text_of(std::size_t hash) {
  return "hash " + std::to_string(hash) + ".";
}

TEST(StringHash, IsSipHash24) {
  std::string bytes;
  for (char c = 0; c < 15; ++c) bytes += c;
  EXPECT_EQ(keyed_hash(bytes, kKey), 0xa129ca6149be45e5) << "the vector of the SipHash paper";
}

TEST(StringHash, AnotherKeyGivesAnotherHash) {
  HashKey other = kKey;
  other[15] ^= 0x80;
  EXPECT_NE(keyed_hash("lobby", kKey), keyed_hash("lobby", other));
}

TEST(StringHash, IsThatOfTheProcessKey) {
  EXPECT_EQ(StringHash{}("lobby"), keyed_hash("lobby", process_hash_key()));
  EXPECT_EQ(&process_hash_key(), &process_hash_key());
}

TEST(StringHashDeathTest, EachProcessHasAKeyOfItsOwn) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // Starts the program anew.
  const std::string own = text_of(StringHash{}("lobby"));
  EXPECT_EXIT(
      {
        std::cerr << text_of(StringHash{}("lobby"));
        std::_Exit(0);
      },
      testing::ExitedWithCode(0),
      testing::AllOf(testing::HasSubstr("hash "), testing::Not(testing::HasSubstr(own))));
}

TEST(StringHash, NamesThatCollideUnderAnUnkeyedHashAreSpread) {
  constexpr std::size_t kNames = 10'000;
  const auto names = names_that_collide_unkeyed(kNames);
  std::vector<std::size_t> hashes;
  std::array<std::size_t, 256> low_bits{};
  for (const auto& name : names) {
    ASSERT_EQ(std::hash<std::string_view>{}(name), std::hash<std::string_view>{}(names[0]));
    hashes.push_back(StringHash{}(name));
    ++low_bits[hashes.back() % low_bits.size()];
  }
  std::ranges::sort(hashes);
  EXPECT_EQ(std::ranges::adjacent_find(hashes), hashes.end());
  EXPECT_LT(std::ranges::max(low_bits), 100u) << "of 39 on average";
}

}  // namespace
}  // namespace wscast
