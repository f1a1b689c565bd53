// A client's connection in the hands of hooks.

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/json_fields.h"

#include "integration/server_fixture.h"

namespace wscast {
namespace {

/// The message hook does with the client's socket what the event says; `data` is text for it.
class ClientSockets : public testing::TestWithParam<std::size_t> {
 protected:
  ClientSockets() { start(false); }

  void start(bool publish_to_self) {
    fixture_ = std::make_unique<ServerFixture>(GetParam(), [&](ServerOptions& options) {
      options.transport.publish_to_self = publish_to_self;
      options.hooks.message = [this](const ClientMessage& message) { act(message); };
    });
    fixture_->spread();
  }

  void act(const ClientMessage& message) {
    ClientSocket& socket = *message.socket;
    const std::string text(message.data.view().substr(1, message.data.view().size() - 2));
    if (message.event == "send") {
      EXPECT_EQ(socket.send(text), static_cast<int>(text.size()));
    } else if (message.event == "binary") {
      EXPECT_GT(socket.send("\x01\xff", true), 0);
    } else if (message.event == "close") {
      socket.close(4000, text);
      EXPECT_EQ(socket.ready_state(), ReadyState::closing);
      EXPECT_EQ(socket.send("late"), 0);
      EXPECT_FALSE(fixture_->server().get_client(message.client_id));
    } else if (message.event == "close badly") {
      socket.close(1005, "");
      socket.close(1000, "\xff");
      socket.close(1000, std::string(124, 'x'));
      EXPECT_EQ(socket.ready_state(), ReadyState::open);
    } else if (message.event == "where") {
      socket.send(socket.remote_address());
    } else if (message.event == "subscribe") {
      socket.subscribe(text);
      socket.send(socket.is_subscribed(text) ? "yes" : "no");
    } else if (message.event == "unsubscribe") {
      socket.unsubscribe(text);
      socket.send(socket.is_subscribed(text) ? "yes" : "no");
    } else if (message.event == "publish") {
      socket.publish(text, "published");
      socket.send("done");
    } else if (message.event == "cork") {
      socket.cork([](ClientSocket& corked) {
        corked.send("one");
        corked.send("two");
      });
    }
  }

  std::unique_ptr<ServerFixture> fixture_;
};

// shows: A-field-IWebSocket.send, A-field-IWebSocket.remoteAddress, A-field-IWebSocket.readyState,
//   A-field-IWebSocket.data, A-type-IWebSocket
TEST_P(ClientSockets, SendsWhatItIsGiven) {
  const Peer peer = fixture_->peer("alice");
  peer.send("send", R"("no JSON at all")");
  EXPECT_EQ(peer.next(), "no JSON at all");
  peer.send("binary", R"("")");
  EXPECT_EQ(peer.socket->receive(),
            (client::Event{client::Event::Kind::binary, std::string("\x01\xff"), 0}));
  peer.send("where", R"("")");
  EXPECT_TRUE(peer.next().starts_with("127.0.0.1"));
}

// shows: A-field-IWebSocket.close, O17
TEST_P(ClientSockets, ClosesAtOnce) {
  const Peer peer = fixture_->peer("alice");
  peer.send("close badly", R"("")");
  peer.send("close", R"("bye")");
  peer.send("send", R"("not heard")");
  peer.expect_close(4000, "bye");
  EXPECT_EQ(fixture_->server().client_count(), 0u);
}

// shows: A-field-IWebSocket.subscribe, A-field-IWebSocket.unsubscribe,
//   A-field-IWebSocket.isSubscribed, A-field-IBunServer.publish
TEST_P(ClientSockets, TopicsReachTheirSubscribersOnAllShards) {
  const Peer sender = fixture_->peer("sender");
  std::vector<Peer> subscribers;
  for (int i = 0; i < 6; ++i) {
    subscribers.push_back(fixture_->peer("s"));
    subscribers.back().send("subscribe", R"("news")");
    EXPECT_EQ(subscribers.back().next(), "yes");
  }
  sender.send("publish", R"("news")");
  EXPECT_EQ(sender.next(), "done");
  for (const Peer& peer : subscribers) EXPECT_EQ(peer.next(), "published");
  subscribers[0].send("unsubscribe", R"("news")");
  EXPECT_EQ(subscribers[0].next(), "no");
  subscribers[1].send("publish", R"("news")");
  EXPECT_EQ(subscribers[1].next(), "done");
  EXPECT_EQ(subscribers[2].next(), "published");
  subscribers[0].send("send", R"("marker")");
  EXPECT_EQ(subscribers[0].next(), "marker");
}

TEST_P(ClientSockets, TopicsAreNoRooms) {
  const Peer peer = fixture_->peer("alice", {"lobby"});
  peer.send("subscribe", R"("ws-default")");
  EXPECT_EQ(peer.next(), "yes");
  EXPECT_FALSE(fixture_->server().send_to_room({.room = "ws-default", .event = "e"}));
  EXPECT_EQ(peer.next(), R"({"event":"e"})");  // Once.
  peer.send("publish", R"("lobby")");
  EXPECT_EQ(peer.next(), "done");
  EXPECT_EQ(fixture_->server().get_client(peer.id)->rooms.size(), 4u);
}

// shows: A-config-publishToSelf
TEST_P(ClientSockets, T8WhatAClientPublishesComesBackOnlyIfAskedFor) {
  for (const bool to_self : {false, true}) {
    start(to_self);
    const Peer peer = fixture_->peer("alice");
    peer.send("subscribe", R"("news")");
    EXPECT_EQ(peer.next(), "yes");
    peer.send("publish", R"("news")");
    if (to_self) {
      EXPECT_EQ(peer.next(), "published");
    }
    EXPECT_EQ(peer.next(), "done");
  }
}

// shows: A-field-IWebSocket.cork
TEST_P(ClientSockets, CorkedSendsLeaveTogether) {
  const Peer peer = fixture_->peer("alice");
  peer.send("cork", R"("")");
  EXPECT_EQ(peer.socket->receive_raw(), "\x81\x03one\x81\x03two");
}

TEST_P(ClientSockets, SubscriptionsEndWithTheClient) {
  const Peer sender = fixture_->peer("sender");
  {
    const Peer peer = fixture_->peer("alice");
    peer.send("subscribe", R"("news")");
    EXPECT_EQ(peer.next(), "yes");
  }
  ServerFixture::await([&] { return fixture_->server().client_count() == 1; });
  sender.send("publish", R"("news")");
  EXPECT_EQ(sender.next(), "done");
}

INSTANTIATE_TEST_SUITE_P(Shards, ClientSockets, testing::Values(1, 3),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace wscast
