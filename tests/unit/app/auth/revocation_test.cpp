#include "auth/revocation.h"

#include <chrono>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

TEST(Revocation, IsForGoodOrUntilATime) {
  EXPECT_EQ(Revocation::parse("alice"), (Revocation{.user_id = "alice"}));
  const Revocation until = Revocation::parse("alice until 2026-12-31T18:00:00Z");
  EXPECT_EQ(until.user_id, "alice");
  using namespace std::chrono;
  EXPECT_EQ(until.until, sys_days(2026y / December / 31) + 18h);
}

TEST(Revocation, AUserMayHaveAnyName) {
  EXPECT_EQ(Revocation::parse("wait until dawn until 2026-12-31T18:00:00Z").user_id,
            "wait until dawn");
  EXPECT_EQ(Revocation::parse("a,b c").user_id, "a,b c");
}

TEST(Revocation, IsWrittenAsItIsRead) {
  for (const std::string text :
       {"alice", "alice until 2026-12-31T18:00:00Z", "alice until 2999-12-31T00:00:00Z"}) {
    EXPECT_EQ(Revocation::parse(text).text(), text);
  }
}

TEST(Revocation, SaysWhatIsWrong) {
  const auto fault = [](const std::string& text) -> std::string {
    try {
      Revocation::parse(text);
      return "none";
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
  };
  const std::string such = " is not a time, such as 2026-12-31T18:00:00Z";
  for (const std::string time :
       {"", "tomorrow", "2026-12-31", "2026-12-31T18:00:00", "2026-12-31T18:00:00+01:00",
        "2026-02-30T18:00:00Z", "2026-12-31T25:00:00Z", " 2026-12-31T18:00:00Z",
        "2026-12-31T18:00:00Zz", "26-12-31T18:00:00Z"}) {
    EXPECT_EQ(fault("alice until " + time), "\"" + time + "\"" + such);
  }
  EXPECT_EQ(fault(""), "\"\" names no user");
  EXPECT_EQ(fault(" until 2026-12-31T18:00:00Z"), "\" until 2026-12-31T18:00:00Z\" names no user");
}

}  // namespace
}  // namespace wscast::program
