#include "base/random_id.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "support/fake_random.h"

namespace wscast {
namespace {

TEST(RandomId, WritesSixteenBytes) {
  FakeRandom random;
  EXPECT_EQ(random_id(random), "00000000000000010000000200000003");
  EXPECT_EQ(random_id(random), "00000004000000050000000600000007");
}

TEST(RandomId, OfAUuidMarksTheVersion) {
  FakeRandom random;
  EXPECT_EQ(random_uuid(random), "00000000-0000-4001-8000-000200000003");
}

TEST(RandomId, IsNoneWithoutRandomness) {
  FakeRandom random;
  random.fails = true;
  EXPECT_THROW(random_id(random), std::runtime_error);
  EXPECT_THROW(random_uuid(random), std::runtime_error);
}

}  // namespace
}  // namespace wscast
