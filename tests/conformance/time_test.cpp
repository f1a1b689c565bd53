// What happens when nothing happens: deadlines, on a stopped clock.

#include <gtest/gtest.h>

#include "conformance/harness.h"

namespace wscast::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Seen = std::vector<std::string>;

TEST(Time, ARequestThatStaysIncompleteGets408) {
  Peer peer;
  peer.send("GET / HT");
  peer.pass(seconds(9));
  EXPECT_EQ(peer.seen(), Seen{});
  peer.pass(seconds(1));
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 408", "end"}));
  EXPECT_EQ(peer.count(Counter::http_head_timeout), 1u);
}

TEST(Time, BytesThatTrickleInDoNotExtendIt) {
  Peer peer;
  for (int i = 0; i < 9; ++i) {
    peer.send("G");
    peer.pass(milliseconds(1200));
  }
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 408", "end"}));
}

TEST(Time, ARefusedRequestHasTwoSecondsAlsoWithoutAHeadTimeout) {
  for (const seconds head_timeout : {seconds(0), seconds(1), seconds(10)}) {
    Peer::Options options{.refused = true};
    options.transport.head_timeout = head_timeout;
    Peer peer(options);
    const seconds limit = head_timeout == seconds(1) ? seconds(1) : seconds(2);
    peer.send("GET / HT");
    peer.pass(limit - milliseconds(1));
    EXPECT_EQ(peer.seen(), Seen{});
    peer.pass(milliseconds(1));
    EXPECT_EQ(peer.seen(), (Seen{"HTTP 408", "end"}));
  }
}

TEST(Time, S7_4_1_AMessageThatStaysIncompleteIsClosed) {
  Peer peer;
  peer.send(request() + text("a", false));
  for (int i = 0; i < 29; ++i) {
    peer.pass(seconds(1));
    peer.send(ping("p"));  // Control frames between the fragments do not extend it.
  }
  EXPECT_EQ(peer.count(Counter::closed_message_timeout), 0u);
  peer.pass(seconds(1));
  EXPECT_EQ(peer.seen().back(), "end");
  EXPECT_EQ(peer.seen()[peer.seen().size() - 2], "close 1008");
  EXPECT_EQ(peer.count(Counter::closed_message_timeout), 1u);
}

TEST(Time, AFrameThatStaysIncompleteIsClosed) {
  Peer peer;
  peer.send(request() + "\x81");
  peer.pass(seconds(30));
  EXPECT_EQ(peer.count(Counter::closed_message_timeout), 1u);
}

// shows: O12, T3, A-config-idleTimeout, A-config-sendPings
TEST(Time, T4ASilentClientIsPingedAndThenO12DisconnectedWithoutAWord) {
  Peer peer;
  peer.send(request());
  peer.pass(seconds(30));
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 101", "ping "}));
  peer.pass(milliseconds(29'999));
  EXPECT_FALSE(peer.ended());
  peer.pass(milliseconds(1));
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 101", "ping ", "end"}));
  EXPECT_EQ(peer.count(Counter::closed_idle), 1u);
}

TEST(Time, T4AClientThatRespondsToPingsStays) {
  Peer peer;
  peer.send(request());
  for (int i = 0; i < 10; ++i) {
    peer.pass(seconds(30));
    peer.send(frame(0x8a, ""));
  }
  EXPECT_FALSE(peer.ended());
  EXPECT_EQ(peer.seen().size(), 11u);
}

TEST(Time, T3WithoutAnIdleTimeoutSilenceIsFine) {
  Peer peer({.transport = {.idle_timeout = milliseconds(0)}});
  peer.send(request());
  peer.pass(std::chrono::hours(24));
  EXPECT_EQ(peer.seen(), Seen{"HTTP 101"});
}

TEST(Time, S7_1_1_APeerThatDoesNotEndAfterACloseIsNotWaitedForForever) {
  Peer peer;
  peer.send(request() + close(1000));
  peer.pass(milliseconds(4'999));
  EXPECT_FALSE(peer.ended());
  peer.pass(milliseconds(1));
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 101", "close 1000", "end"}));
}

TEST(Time, APeerThatTakesNothingOfAResponseIsReset) {
  Peer peer;
  peer.set_unacknowledged(100'000);
  peer.send("POST / HTTP/1.1\r\nHost: x\r\n\r\n");
  peer.pass(seconds(9));
  EXPECT_FALSE(peer.ended());  // It is not known before the second look.
  peer.pass(seconds(1));
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 405", "reset"}));
}

TEST(Time, ASlowPeerIsWaitedForWhileItTakesBytesOfAResponse) {
  Peer peer;
  peer.send("POST / HTTP/1.1\r\nHost: x\r\n\r\n");
  for (std::size_t left = 100'000; left > 0; left -= 4'000) {
    peer.set_unacknowledged(left);
    peer.pass(seconds(5));
    ASSERT_FALSE(peer.ended()) << left;
  }
  peer.set_unacknowledged(0);
  peer.pass(seconds(10));
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 405", "end"}));
}

TEST(Time, ASlowPeerIsWaitedForWhileItTakesTheLastMessagesAndTheCloseFrame) {
  Peer peer;
  peer.send(request());
  peer.stop_accepting();
  peer.send(text("last") + close(1000));
  for (std::size_t left = 100'000; left > 90'000; left -= 1'000) {
    peer.set_unacknowledged(left);
    peer.pass(seconds(5));
    ASSERT_FALSE(peer.ended()) << left;
  }
  peer.accept_again();
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 101", "text last", "close 1000", "end"}));
}

TEST(Time, APeerThatTakesOneByteAtATimeIsNotWaitedForForever) {
  Peer peer({.transport = {.drain_timeout = seconds(60)}});
  std::size_t left = 100'000;
  peer.set_unacknowledged(left);
  peer.send("POST / HTTP/1.1\r\nHost: x\r\n\r\n");
  for (int i = 0; i < 12; ++i) {
    EXPECT_FALSE(peer.ended()) << i;
    peer.set_unacknowledged(--left);
    peer.pass(seconds(5));
  }
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 405", "reset"}));
}

TEST(Pings, EachGetsAPongWhileThePeerReads) {
  Peer peer;
  std::string pings;
  Seen expected{"HTTP 101"};
  for (int i = 0; i < 100; ++i) {
    pings += ping(std::to_string(i));
    expected.push_back("pong " + std::to_string(i));
  }
  peer.send(request() + pings);
  EXPECT_EQ(peer.seen(), expected);
}

TEST(Pings, S5_5_3_OfAPeerThatDoesNotReadTheMostRecentGetsAPong) {
  Peer peer;
  peer.send(request());
  peer.stop_accepting();
  for (int i = 0; i < 1000; ++i) peer.send(ping(std::to_string(i)));
  EXPECT_GE(peer.count(Counter::pongs_dropped), 980u);
  peer.accept_again();
  const auto seen = peer.seen();
  EXPECT_LE(seen.size(), 20u);
  EXPECT_EQ(seen.back(), "pong 999");
}

TEST(Pings, OfAClientOverItsRateGetNoPong) {
  Peer peer({.refuses_pings = true});
  peer.send(request() + ping("a") + text("b"));
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 101", "text b"}));
}

TEST(Slices, WhatDoesNotFitIntoOneIsHandledInOrderInTheNext) {
  Peer peer({.short_slices = true});
  std::string texts;
  Seen expected{"HTTP 101"};
  for (int i = 0; i < 1000; ++i) {
    texts += text(std::to_string(i));
    expected.push_back("text " + std::to_string(i));
  }
  peer.send(request() + texts + text("last") + close(1000));
  expected.insert(expected.end(), {"text last", "close 1000", "end"});
  EXPECT_EQ(peer.seen(), expected);
}

TEST(Slices, AreNotLostWhenReadingIsPausedInOne) {
  Peer peer({.short_slices = true});
  std::string texts;
  for (int i = 0; i < 200; ++i) texts += text(i == 100 ? "pause" : "x");
  peer.send(request() + texts);
  EXPECT_EQ(peer.seen().size(), 102u);
  peer.resume();
  EXPECT_EQ(peer.seen().size(), 201u);
}

TEST(Time, S7_1_1_TheServerEndsFirstAndThePeerFollows) {
  Peer peer;
  peer.send(request() + close(1000));
  EXPECT_FALSE(peer.ended());
  peer.end();
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(peer.count(Counter::closed_by_peer), 1u);
}

// It would cost the server what it cares to send, until close_timeout.
TEST(Ends, APeerThatGoesOnSendingAfterTheEndIsReadToALimit) {
  constexpr std::size_t mib = 1024 * 1024;
  for (const std::string& last : {close(1000), std::string("\x83"), std::string("\xff\xff")}) {
    Peer peer;
    peer.send(request() + last);
    peer.send(std::string(3 * mib, 'x'));
    EXPECT_GE(peer.unread(), mib);
    EXPECT_FALSE(peer.ended());
    peer.pass(seconds(10));
    EXPECT_TRUE(peer.ended());
  }
}

TEST(Ends, AResponseToALongRequestIsFollowedByNoEndlessReading) {
  constexpr std::size_t mib = 1024 * 1024;
  Peer peer;
  peer.send("POST / HTTP/1.1\r\nHost: x\r\n\r\n");
  peer.send(std::string(mib / 2, 'x'));
  EXPECT_EQ(peer.unread(), 0u);
  peer.send(std::string(3 * mib, 'x'));
  EXPECT_GE(peer.unread(), 2 * mib);
  peer.end();
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 405", "end"}));
}

// A close of the server is often crossed by what the client sends.
TEST(Ends, WhatCrossesACloseOfTheServerIsReadUpToTheCloseInReturn) {
  Peer peer;
  peer.send(request() + text("close"));
  std::string texts;
  for (int i = 0; i < 1000; ++i) texts += text(std::string(500, 'x'));
  peer.send(texts + close(1000));
  EXPECT_EQ(peer.unread(), 0u);
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 101", "text close", "close 4000", "end"}));
}

TEST(Ends, APeerThatAnswersNoCloseOfTheServerIsReadToALimit) {
  Peer peer;
  peer.send(request() + text("close"));
  std::string texts;
  for (int i = 0; i < 6000; ++i) texts += text(std::string(500, 'x'));
  peer.send(texts);
  EXPECT_GE(peer.unread(), 1024u * 1024);
  peer.pass(seconds(5));
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 101", "text close", "close 4000", "reset"}));
}

TEST(Ends, APeerThatJustGoesIsCounted) {
  Peer peer;
  peer.send(request());
  peer.end();
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(peer.count(Counter::connections_reset), 1u);
}

TEST(Ends, ARequestLeftHalfwayIsCounted) {
  Peer peer;
  peer.send("GET ");
  peer.end();
  EXPECT_EQ(peer.count(Counter::http_abandoned), 1u);
}

TEST(Ends, AResponseStillReachesAPeerThatHasEndedItsSide) {
  Peer peer({.one_byte_writes = true});
  peer.send("POST / HTTP/1.1\r\nHost: x\r\n\r\n");
  peer.end();
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 405", "end"}));
}

TEST(Pause, WhatWasReadBeforeComesBeforeWhatIsReadAfter) {
  Peer peer;
  peer.send(request() + text("pause") + text("a") + text("b").substr(0, 3));
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 101", "text pause"}));
  peer.resume();
  peer.send(text("b").substr(3) + text("c"));
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 101", "text pause", "text a", "text b", "text c"}));
}

TEST(Pause, AClientThatIsNotReadIsNotIdle) {
  Peer peer;
  peer.send(request() + text("pause"));
  peer.pass(std::chrono::hours(1));
  EXPECT_FALSE(peer.ended());
  peer.resume();
  peer.pass(seconds(60));
  EXPECT_TRUE(peer.ended());
}

TEST(Ends, WhatCameBeforeTheEndIsHandledThoughReadingWasPaused) {
  Peer peer;
  peer.send(request() + text("pause") + text("a"));
  peer.queue(text("b") + close(1000));
  peer.end();
  EXPECT_FALSE(peer.ended());
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 101", "text pause"}));
  peer.resume();
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 101", "text pause", "text a", "text b", "close 1000", "end"}));
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(peer.count(Counter::closed_by_peer), 1u);
}

TEST(Ends, WhatCameBeforeTheConnectionBrokeIsHandledThoughReadingWasPaused) {
  Peer peer;
  peer.send(request() + text("pause") + text("a"));
  peer.queue(text("b") + text("c"));
  peer.break_off();
  EXPECT_FALSE(peer.ended());
  peer.resume();
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(peer.messages(), 4);
  EXPECT_EQ(peer.count(Counter::connections_reset), 1u);
}

TEST(Ends, WhatCameBeforeAWriteFailedIsHandled) {
  Peer peer;
  peer.send(request());
  peer.fail_writes();
  // More than one read takes: the write of the first echo fails before the rest is read.
  peer.send(text(std::string(40'000, 'a')) + text(std::string(40'000, 'b')) + text("c") +
            close(1000));
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(peer.messages(), 3);
  EXPECT_EQ(peer.count(Counter::closed_by_peer), 1u);
}

TEST(Ends, APausedConnectionIsNotKeptForeverAfterItsPeerEnded) {
  for (const bool breaks : {false, true}) {
    Peer peer;
    peer.send(request() + text("pause"));
    if (breaks) {
      peer.break_off();
    } else {
      peer.end();
    }
    peer.pass(seconds(299));
    EXPECT_FALSE(peer.ended());
    peer.pass(seconds(1));
    EXPECT_TRUE(peer.ended());
    EXPECT_EQ(peer.count(Counter::connections_reset), 1u);
  }
}

TEST(Refused, AFullServerDoesNotWaitLongForTheRequest) {
  Peer peer({.refused = true});
  peer.pass(seconds(2));
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 408", "end"}));
}

TEST(Refused, O14AFullServerSays503AndWhenToComeBack) {
  Peer peer({.refused = true});
  peer.send(request());
  EXPECT_EQ(peer.seen(), (Seen{"HTTP 503", "end"}));
  EXPECT_NE(peer.output().find("\r\nRetry-After: "), std::string::npos);
  EXPECT_EQ(peer.count(Counter::connections_refused), 1u);
}

TEST(Handshake, S1_3_TheAcceptKeyIsTheOneOfTheRfc) {
  Peer peer;
  peer.send(request());
  EXPECT_NE(peer.output().find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
            std::string::npos);
}

TEST(Handshake, S4_4_ARefusedVersionGetsTheSupportedOne) {
  Peer peer;
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(peer.output().find("Sec-WebSocket-Version: 13\r\n"), std::string::npos);
}

// shows: O12
TEST(Time, AnEndWithoutACloseFrameHasItsCauseInWords) {
  Peer idle;
  idle.send(request());
  idle.pass(seconds(60));
  EXPECT_EQ(idle.close_cause(), "1006 no byte for idle_timeout");
  Peer gone;
  gone.send(request());
  gone.end();
  EXPECT_EQ(gone.close_cause(), "1006 left without a close frame");
  Peer broken;
  broken.send(request());
  broken.break_off();
  EXPECT_TRUE(broken.close_cause().starts_with("1006 ") && broken.close_cause().size() > 5)
      << broken.close_cause();
  Peer slow;
  slow.send(request() + text("a", false));
  slow.pass(seconds(30));
  EXPECT_EQ(slow.close_cause(), "1008 Message took too long");
}

}  // namespace
}  // namespace wscast::conformance
