#include "wscast/option_faults.h"

#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/validated.h"

namespace wscast {
namespace {

struct Options {
  std::vector<std::string> faults;
  std::vector<std::string> validate() const { return faults; }
};

TEST(OptionFaults, AreJoinedBySpaces) {
  EXPECT_EQ(joined_faults({}), "");
  EXPECT_EQ(joined_faults({"a must not be 0."}), "a must not be 0.");
  EXPECT_EQ(joined_faults({"a must not be 0.", "b is missing."}), "a must not be 0. b is missing.");
}

TEST(OptionFaults, ValidOptionsPass) {
  EXPECT_TRUE(validated(Options{}).faults.empty());
}

TEST(OptionFaults, AllFaultsAreInTheException) {
  try {
    validated(Options{{"a must not be 0.", "b is missing."}});
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "a must not be 0. b is missing.");
  }
}

}  // namespace
}  // namespace wscast
