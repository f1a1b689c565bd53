#include "crypto/secret.h"

#include <algorithm>
#include <memory>
#include <new>

#include <gtest/gtest.h>

namespace wscast::crypto {
namespace {

/// Bytes that are not zero. Volatile: the compiler may think that nobody reads them any more.
std::size_t set_bytes(const volatile unsigned char* place) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < sizeof(Key256); ++i) count += place[i] != 0 ? 1 : 0;
  return count;
}

TEST(Secret, IsWipedWhenItGoes) {
  alignas(Key256) unsigned char place[sizeof(Key256)];
  auto* key = new (place) Key256;
  std::ranges::fill(key->bytes(), std::uint8_t{0xa5});
  ASSERT_EQ(set_bytes(place), 32u);
  key->~Secret();
  EXPECT_EQ(set_bytes(place), 0u);
}

TEST(Secret, ACopyIsItsOwn) {
  Key256 one;
  std::ranges::fill(one.bytes(), std::uint8_t{1});
  Key256 other = one;
  EXPECT_TRUE(std::ranges::equal(one.bytes(), other.bytes()));
  other.bytes()[0] = 2;
  EXPECT_EQ(one.bytes()[0], 1);
}

}  // namespace
}  // namespace wscast::crypto
