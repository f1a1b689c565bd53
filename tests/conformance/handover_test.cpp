// How a connection leaves with an HTTP request, and what it does when it has come back.

#include <gtest/gtest.h>

#include "conformance/harness.h"

namespace wscast::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Seen = std::vector<std::string>;

constexpr std::string_view kHead = "POST /taken?x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n";

TEST(Handover, TakesAllThatWasReadAlong) {
  Peer peer;
  peer.send(std::string(kHead) + "body and more");
  EXPECT_EQ(peer.handed_over(), std::string(kHead) + "body and more");
  EXPECT_EQ(peer.seen(), Seen{"end"});
  EXPECT_EQ(peer.output(), "");
  EXPECT_EQ(peer.count(Counter::http_handed_over), 1u);
}

TEST(Handover, TakesAHeadAlongThatCameInPieces) {
  Peer peer;
  peer.send("\r\n");
  for (const char byte : kHead) peer.send({&byte, 1});
  EXPECT_EQ(peer.handed_over(), "\r\n" + std::string(kHead));
}

TEST(Handover, LeavesWhatIsNotRead) {
  Peer peer;
  peer.send(kHead);
  peer.send("body");
  EXPECT_EQ(peer.handed_over(), kHead);
  EXPECT_EQ(peer.unread(), 4u);
}

TEST(Handover, DoesNotTakeWhoIsRefused) {
  Peer peer({.refused = true});
  peer.send(kHead);
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 503", "end"}));
  EXPECT_EQ(peer.handed_over(), "");
}

TEST(Handover, DoesNotTakeWhatIsNoRequest) {
  Peer peer;
  peer.send(
      "POST /taken HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 400", "end"}));
}

TEST(Handover, WhatComesBackHasItsNextRequest) {
  Peer peer;
  peer.go_on(request() + text("a"));
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 101", "text a"}));
}

TEST(Handover, WhatComesBackIsHandedOverAgain) {
  Peer peer;
  peer.go_on(kHead.substr(0, 9));
  peer.send(kHead.substr(9));
  EXPECT_EQ(peer.handed_over(), kHead);
}

TEST(Handover, WhatComesBackIsReadOnceMore) {
  Peer peer;
  peer.queue(request());  // As a stream may hold it, which the poller does not report.
  peer.go_on({});
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 101"}));
}

TEST(Handover, BetweenRequestsATimeoutAndTheEndAreNoFaults) {
  Peer late;
  late.go_on({});
  late.pass(seconds(10) - milliseconds(1));
  EXPECT_EQ(late.seen(), Seen{});
  late.pass(milliseconds(1));
  EXPECT_EQ(late.seen(), Seen{"end"});
  EXPECT_EQ(late.count(Counter::http_head_timeout), 0u);
  Peer gone;
  gone.go_on({});
  gone.end();
  EXPECT_EQ(gone.seen(), Seen{"end"});
  EXPECT_EQ(gone.count(Counter::http_abandoned), 0u);
}

TEST(Handover, AFurtherRequestHasADeadline) {
  Peer late;
  late.go_on("GET");
  late.pass(seconds(10));
  EXPECT_EQ(late.seen(), (Seen{"HTTP 408", "end"}));
  Peer gone;
  gone.go_on("GET");
  gone.end();
  EXPECT_EQ(gone.count(Counter::http_abandoned), 1u);
}

}  // namespace
}  // namespace wscast::conformance
