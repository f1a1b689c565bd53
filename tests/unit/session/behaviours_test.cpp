#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace wscast::session {
namespace {

/// The part of a test's name that says what it shows: for a table, the name of the row.
std::string shown_by(const testing::TestInfo& test) {
  const std::string name = test.name();
  const auto row = name.find('/');
  if (row == std::string::npos || name[row + 1] == '\0') return name;
  const std::string own = name.substr(row + 1);
  static const std::regex kBeginsWithAnId("[MOUDREST][0-9]+.*");
  return std::regex_match(own, kBeginsWithAnId) ? own : name;
}

/// A behaviour is a case of this program whose name begins with the protocol's id for it.
TEST(Behaviours, AreAtLeast200EachCountedOnce) {
  static const std::regex kBehaviour("([MOUDREST][0-9]+_?)+[A-Z].*");
  std::set<std::string> behaviours;
  const testing::UnitTest& program = *testing::UnitTest::GetInstance();
  for (int i = 0; i < program.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *program.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      const std::string name = shown_by(*suite.GetTestInfo(j));
      if (std::regex_match(name, kBehaviour)) behaviours.insert(name);
    }
  }
  EXPECT_GE(behaviours.size(), 200u);
  RecordProperty("behaviours", std::to_string(behaviours.size()));
}

}  // namespace
}  // namespace wscast::session
