#include "bench/bench_arguments.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

BenchPlan plan(BenchArguments arguments) {
  return plan_bench(std::move(arguments));
}

std::string fault(BenchArguments arguments) {
  try {
    plan_bench(std::move(arguments));
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(BenchArgumentsTest, WhatIsLeftOutFitsTheMode) {
  const BenchPlan fanout = plan({.mode = "fanout"});
  EXPECT_EQ(fanout.arguments.url, "ws://127.0.0.1:8080/ws");
  EXPECT_EQ(fanout.arguments.clients, 1'000u);
  EXPECT_EQ(fanout.arguments.in_flight, 1u);
  EXPECT_EQ(plan({.mode = "connect"}).arguments.clients, 100u);
  EXPECT_EQ(plan({.mode = "redis", .redis = "redis://localhost"}).arguments.in_flight, 50u);
  EXPECT_EQ(plan({.mode = "tls"}).arguments.url, "wss://127.0.0.1:8443/ws");
}

TEST(BenchArgumentsTest, SomeModesAreFanOuts) {
  EXPECT_EQ(plan({.mode = "tls"}).kind, LoadKind::fanout);
  const BenchPlan encrypted = plan({.mode = "encrypted"});
  EXPECT_EQ(encrypted.kind, LoadKind::fanout);
  EXPECT_TRUE(encrypted.arguments.encrypted);
  EXPECT_TRUE(plan({.mode = "deflate"}).arguments.deflate);
}

TEST(BenchArgumentsTest, WhatIsGivenStays) {
  const BenchPlan given = plan({.mode = "echo",
                                .url = "ws://example.org/other?x=1",
                                .clients = 7,
                                .in_flight = 3,
                                .pid = 42});
  EXPECT_EQ(given.arguments.url, "ws://example.org/other?x=1");
  EXPECT_EQ(given.arguments.clients, 7u);
  EXPECT_EQ(given.arguments.in_flight, 3u);
  EXPECT_EQ(given.server, 42);
}

TEST(BenchArgumentsTest, APathThatIsLeftOutIsThatOfTheProtocol) {
  EXPECT_EQ(plan({.mode = "echo", .url = "ws://h:1", .protocol = "nats"}).arguments.url,
            "ws://h:1/");
  EXPECT_EQ(plan({.mode = "echo", .url = "ws://h:1", .protocol = "socket.io"}).arguments.url,
            "ws://h:1/socket.io/?EIO=4&transport=websocket");
  EXPECT_EQ(plan({.mode = "echo", .url = "ws+unix:/a.sock"}).arguments.url, "ws+unix:/a.sock:/ws");
}

TEST(BenchArgumentsTest, NoMorePublishersThanClients) {
  EXPECT_EQ(plan({.mode = "fanout", .clients = 3}).arguments.publishers, 3u);
}

TEST(BenchArgumentsTest, WhatDoesNotFitIsRefused) {
  EXPECT_EQ(fault({.mode = "dance"}), "\"dance\" is no benchmark");
  EXPECT_EQ(fault({.mode = "fanout", .clients = 1}), "a fan-out needs --clients 2 or more");
  EXPECT_EQ(fault({.mode = "fanout", .size = 7}), "--size must be at least 8");
  EXPECT_EQ(fault({.mode = "redis"}),
            "bench redis needs --redis URL, of the Redis that the server uses");
  EXPECT_EQ(fault({.mode = "echo", .redis = "redis://localhost"}), "--redis is for bench redis");
  EXPECT_EQ(fault({.mode = "tls", .url = "ws://h"}), "bench tls needs a wss:// URL");
  EXPECT_EQ(fault({.mode = "idle", .rate = 5}), "bench idle has no --rate");
  EXPECT_EQ(fault({.mode = "fanout", .protocol = "raw"}),
            "--protocol raw is for echo, connect and idle");
  EXPECT_EQ(fault({.mode = "redis", .protocol = "nats", .redis = "redis://localhost"}),
            "bench redis needs --protocol wscast");
  EXPECT_EQ(fault({.mode = "encrypted", .protocol = "nats"}), "encryption needs --protocol wscast");
  EXPECT_EQ(fault({.mode = "echo", .authenticate_data = "[1]"}),
            "--authenticate-data: it is not a JSON object");
}

}  // namespace
}  // namespace wscast::program
