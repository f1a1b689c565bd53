#include "http/request_head.h"

#include <array>

#include <gtest/gtest.h>

namespace wscast::http {
namespace {

TEST(RequestHead, PathIsTheTargetUpToItsQuery) {
  EXPECT_EQ((RequestHead{.method = "GET", .target = "/ws?a=/b?c", .fields = {}}.path()), "/ws");
  EXPECT_EQ((RequestHead{.method = "GET", .target = "/ws", .fields = {}}.path()), "/ws");
}

TEST(RequestHead, CollectsTheValuesOfAFieldInAnyCaseAndInOrder) {
  const std::array<HeaderField, 3> fields{{{"Via", " a\t"}, {"Host", "x"}, {"vIA", "b, c"}}};
  const RequestHead head{.method = "GET", .target = "/", .fields = fields};
  EXPECT_EQ(field_values(head, "via"), (std::vector<std::string_view>{"a", "b, c"}));
  EXPECT_TRUE(field_values(head, "Via-Other").empty());
}

TEST(RequestHead, RepeatedFieldsAreOneList) {
  const std::array<HeaderField, 2> fields{{{"Upgrade", "h2c"}, {"Upgrade", "x, WebSocket"}}};
  const RequestHead head{.method = "GET", .target = "/", .fields = fields};
  EXPECT_TRUE(field_lists(head, "Upgrade", "h2c"));
  EXPECT_FALSE(field_lists(head, "Upgrade", "x, WebSocket"));
  EXPECT_TRUE(asks_for_websocket(head));
}

}  // namespace
}  // namespace wscast::http
