#include "ws/close_code.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::ws {
namespace {

TEST(CloseCode, MayBeSentIsTheTableOfRfc6455Section7_4) {
  const std::vector<std::pair<int, int>> allowed = {{1000, 1003}, {1007, 1014}, {3000, 4999}};
  for (int code = 0; code <= 0xffff; ++code) {
    bool expected = false;
    for (const auto& range : allowed) {
      expected = expected || (code >= range.first && code <= range.second);
    }
    EXPECT_EQ(may_be_sent(static_cast<std::uint16_t>(code)), expected) << code;
  }
}

}  // namespace
}  // namespace wscast::ws
