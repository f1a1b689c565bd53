#include "broker/redis/discovery/cluster_nodes.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Host kAsked{.name = "asked", .port = 1};

RespValue text(std::string_view text) {
  return {.kind = RespValue::Kind::bulk, .text = text};
}

RespValue number(std::int64_t number) {
  return {.kind = RespValue::Kind::integer, .integer = number};
}

RespValue array(std::vector<RespValue> elements) {
  return {.kind = RespValue::Kind::array, .elements = std::move(elements)};
}

RespValue range(std::vector<RespValue> nodes) {
  nodes.insert(nodes.begin(), {number(0), number(9)});
  return array(std::move(nodes));
}

std::vector<std::string> names(const RespValue& reply, bool tls = false) {
  std::vector<std::string> names;
  for (const Host& host : cluster_nodes(reply, kAsked, tls)) names.push_back(host.text());
  return names;
}

TEST(ClusterNodesTest, MastersComeFirstAndEachNodeOnce) {
  const RespValue a = array({text("10.0.0.1"), number(1), text("id")});
  const RespValue b = array({text("10.0.0.2"), number(2), text("id")});
  const RespValue replica = array({text("10.0.0.3"), number(3), text("id")});
  EXPECT_THAT(names(array({range({a, replica}), range({b}), range({a, replica})})),
              ElementsAre("10.0.0.1:1", "10.0.0.2:2", "10.0.0.3:3"));
}

TEST(ClusterNodesTest, ForTlsTheHostNameIsPreferred) {
  const RespValue metadata = array({text("hostname"), text("node-1.example")});
  const RespValue reply =
      array({range({array({text("10.0.0.1"), number(1), text("id"), metadata})})});
  EXPECT_THAT(names(reply), ElementsAre("10.0.0.1:1"));
  EXPECT_THAT(names(reply, true), ElementsAre("node-1.example:1"));
}

TEST(ClusterNodesTest, WithoutANameItIsTheNodeThatWasAsked) {
  const RespValue ip = array({text("ip"), text("10.0.0.2")});
  for (const RespValue& none : {RespValue{}, text(""), text("?")}) {
    EXPECT_THAT(names(array({range({array({none, number(7), text("id")})})})),
                ElementsAre("asked:7"));
    EXPECT_THAT(names(array({range({array({none, number(7), text("id"), ip})})})),
                ElementsAre("10.0.0.2:7"));
  }
}

TEST(ClusterNodesTest, WhatIsNoListOfNodesNamesNone) {
  EXPECT_THAT(names({.kind = RespValue::Kind::error, .text = "NOPERM no"}), IsEmpty());
  EXPECT_THAT(names(array({})), IsEmpty());
  EXPECT_THAT(names(array({number(1), array({}), range({}), range({number(1)}),
                           range({array({text("a")})}), range({array({text("a"), number(0)})}),
                           range({array({text("a"), number(65'536)})})})),
              IsEmpty());
}

TEST(ClusterNodesTest, SoManyAreKept) {
  std::vector<RespValue> ranges;
  for (int port = 1; port <= 300; ++port) {
    ranges.push_back(range({array({text("10.0.0.1"), number(port)})}));
  }
  EXPECT_THAT(names(array(std::move(ranges))), SizeIs(kMaxClusterNodes));
}

}  // namespace
}  // namespace wscast::redis
