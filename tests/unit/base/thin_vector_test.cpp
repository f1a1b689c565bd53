#include "base/thin_vector.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace wscast {
namespace {

std::vector<int> items(const ThinVector<int>& list) {
  return {list.begin(), list.end()};
}

TEST(ThinVector, TakesOnePointer) {
  EXPECT_EQ(sizeof(ThinVector<int>), sizeof(void*));
}

TEST(ThinVector, IsEmptyAtFirst) {
  const ThinVector<int> list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.size(), 0u);
  EXPECT_EQ(list.begin(), list.end());
}

TEST(ThinVector, KeepsItsOrderWhileItGrows) {
  ThinVector<int> list;
  std::vector<int> expected;
  for (int i = 0; i < 1'000; ++i) {
    list.push_back(i);
    expected.push_back(i);
    ASSERT_EQ(items(list), expected);
    EXPECT_EQ(list.back(), i);
    EXPECT_EQ(list[static_cast<std::size_t>(i)], i);
  }
}

TEST(ThinVector, TheLastTakesThePlaceOfWhatIsRemoved) {
  ThinVector<int> list;
  for (const int i : {1, 2, 3, 4}) list.push_back(i);
  list.remove(std::ranges::find(list, 2));
  EXPECT_EQ(items(list), (std::vector{1, 4, 3}));
  list.remove(std::ranges::find(list, 3));
  EXPECT_EQ(items(list), (std::vector{1, 4}));
  list.pop_back();
  list.pop_back();
  EXPECT_TRUE(list.empty());
  list.push_back(5);
  EXPECT_EQ(items(list), (std::vector{5}));
}

TEST(ThinVector, MayHoldOneOfItsOwnItemsAgain) {
  ThinVector<int> list;
  list.push_back(7);
  for (int i = 0; i < 100; ++i) list.push_back(list[0]);
  EXPECT_EQ(items(list), std::vector(101, 7));
}

}  // namespace
}  // namespace wscast
