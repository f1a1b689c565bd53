#include "wscast/metadata.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace wscast {
namespace {

TEST(Metadata, IsNoneAtFirst) {
  EXPECT_FALSE(Metadata());
  EXPECT_EQ(Metadata().get<int>(), nullptr);
}

TEST(Metadata, GivesItsValueToWhoNamesItsType) {
  const auto metadata = Metadata::of(std::string("a"));
  EXPECT_TRUE(metadata);
  ASSERT_TRUE(metadata.get<std::string>());
  EXPECT_EQ(*metadata.get<std::string>(), "a");
}

TEST(Metadata, GivesNothingForAnotherType) {
  struct Base {};
  struct Derived : Base {};
  EXPECT_EQ(Metadata::of(1).get<unsigned>(), nullptr);
  EXPECT_EQ(Metadata::of(1).get<std::string>(), nullptr);
  EXPECT_EQ(Metadata::of(Derived{}).get<Base>(), nullptr);
}

TEST(Metadata, SharesItsValueAmongCopies) {
  const auto* original = new Metadata(Metadata::of(std::string("a")));
  const Metadata copy = *original;
  EXPECT_EQ(copy.get<std::string>(), original->get<std::string>());
  delete original;
  EXPECT_EQ(*copy.get<std::string>(), "a");
}

TEST(Metadata, TakesAValueThatOnlyMoves) {
  const auto metadata = Metadata::of(std::make_unique<int>(3));
  EXPECT_EQ(**metadata.get<std::unique_ptr<int>>(), 3);
}

}  // namespace
}  // namespace wscast
