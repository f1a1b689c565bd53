#include "wscast/result.h"

#include <string>
#include <system_error>

#include <gtest/gtest.h>

#include "wscast/error.h"

namespace wscast {
namespace {

TEST(Result, HoldsAValueAndNoError) {
  const Result<std::string> result = std::string("text");
  ASSERT_TRUE(result);
  EXPECT_EQ(result.value(), "text");
  EXPECT_EQ(*result, "text");
  EXPECT_EQ(result->size(), 4u);
  EXPECT_FALSE(result.error());
}

TEST(Result, HoldsWhyThereIsNone) {
  const Result<int> result = Errc::overloaded;
  EXPECT_FALSE(result);
  EXPECT_EQ(result.error(), Errc::overloaded);

  const Result<int> external = std::make_error_code(std::errc::timed_out);
  EXPECT_FALSE(external);
  EXPECT_EQ(external.error(), std::errc::timed_out);
}

TEST(Result, ZeroIsAValue) {
  const Result<int> result = 0;
  EXPECT_TRUE(result);
  EXPECT_EQ(*result, 0);
}

TEST(Result, ThrowsTheErrorToWhoAsksForTheValue) {
  const Result<int> result = Errc::stopped;
  try {
    result.value();
    FAIL() << "nothing thrown";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), Errc::stopped);
  }
}

}  // namespace
}  // namespace wscast
