// Traces: what they note of a message on its way through a whole server.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"
#include "support/bus.h"

namespace wscast {
namespace {

class Traces : public testing::Test {
 protected:
  explicit Traces(const ServerFixture::Adjust& adjust = {})
      : fixture_(2, [&adjust](ServerOptions& options) {
          options.measure = true;
          if (adjust) adjust(options);
        }) {
    fixture_.spread();
  }

  Server& server() { return fixture_.server(); }

  std::vector<TraceEvent> events(TraceStep step) {
    std::vector<TraceEvent> all = server().get_trace("t")->events;
    std::erase_if(all, [step](const TraceEvent& event) { return event.step != step; });
    return all;
  }

  /// Waits for so many of a step.
  std::vector<TraceEvent> await(TraceStep step, std::size_t count) {
    ServerFixture::await([&] { return events(step).size() >= count; });
    return events(step);
  }

  static std::vector<std::string> clients(const std::vector<TraceEvent>& events) {
    std::vector<std::string> clients;
    for (const TraceEvent& event : events) clients.push_back(event.client);
    std::ranges::sort(clients);
    return clients;
  }

  static std::vector<std::string> sorted(std::vector<std::string> texts) {
    std::ranges::sort(texts);
    return texts;
  }

  ServerFixture fixture_;
};

TEST_F(Traces, AMessageToARoomIsPublishedDeliveredAndWrittenToEachMember) {
  const Peer one = fixture_.peer("alice", {"lobby"});
  const Peer two = fixture_.peer("bob", {"lobby"});
  ASSERT_FALSE(server().start_trace({.id = "t", .target = "lobby"}));
  server().send_to_room({.room = "lobby", .event = "e", .data = kOne});
  server().send_to_room({.room = "other", .event = "e", .data = kOne});
  const auto written = await(TraceStep::written, 2);
  EXPECT_EQ(clients(written), sorted({one.id, two.id}));
  const auto published = events(TraceStep::published);
  ASSERT_EQ(published.size(), 1u);
  EXPECT_EQ(published[0].event, "e");
  EXPECT_EQ(published[0].bytes, message("e", "1").size());
  EXPECT_EQ(events(TraceStep::delivered).size(), 2u) << "one for each shard";
  const auto report = server().get_trace("t");
  for (const TraceEvent& event : report->events) {
    EXPECT_EQ(event.message, published[0].message);
    EXPECT_GE(event.at, published[0].at);
  }
}

TEST_F(Traces, AMessageToAClientIsFollowedFromAnyThread) {
  const Peer one = fixture_.peer("alice");
  ASSERT_FALSE(server().start_trace({.id = "t", .kind = TraceKind::client, .target = one.id}));
  EXPECT_TRUE(server().send_to_client({.client_id = one.id, .event = "e", .data = kOne}));
  one.send("chat", R"({"room":")" + one.id + R"(","data":1})");  // The server answers in a hook.
  EXPECT_EQ(clients(await(TraceStep::written, 2)), (std::vector{one.id, one.id}));
  EXPECT_EQ(events(TraceStep::published).size(), 2u);
}

TEST_F(Traces, WhoDoesNotGetAMessageIsNamedWithTheReason) {
  const auto stranger = fixture_.connect();
  std::string id;
  ServerFixture::await([&] { return server().client_count() == 1; });
  id = server().get_clients()[0].id;
  server().join_room({.client_id = id, .room = "lobby"});
  const Peer one = fixture_.peer("alice", {"lobby"});
  ASSERT_FALSE(server().start_trace({.id = "t", .target = "lobby"}));
  server().send_to_room({.room = "lobby", .event = "e", .data = kOne});
  const auto dropped = await(TraceStep::dropped, 1);
  EXPECT_EQ(dropped[0].client, id);
  EXPECT_EQ(dropped[0].detail, "it is not authenticated yet");
  EXPECT_EQ(clients(await(TraceStep::written, 1)), std::vector{one.id});
}

class SlowTraces : public Traces {
 protected:
  SlowTraces()
      : Traces([](ServerOptions& options) {
          options.transport.backpressure_limit = 64 * 1024;
          options.transport.send_buffer = 16 * 1024;
        }) {}
};

TEST_F(SlowTraces, ASlowClientIsNamed) {
  const Peer slow = fixture_.peer("slow", {"lobby"});
  const std::string data = '"' + std::string(60'000, 'x') + '"';
  while (fixture_.count(Counter::dropped_backpressure) == 0) {
    server().send_to_room({.room = "lobby", .event = "e", .data = Json::text(data)});
  }
  ASSERT_FALSE(server().start_trace({.id = "t", .target = "lobby"}));
  server().send_to_room({.room = "lobby", .event = "e", .data = Json::text(data)});
  const auto dropped = await(TraceStep::dropped, 1);
  EXPECT_EQ(dropped[0].client, slow.id);
  EXPECT_EQ(dropped[0].detail, "it reads too slowly: more than backpressure_limit waits for it");
}

TEST_F(SlowTraces, WhatWaitsWhenAConnectionEndsIsDropped) {
  const Peer slow = fixture_.peer("slow", {"lobby"});
  const std::string data = '"' + std::string(60'000, 'x') + '"';
  ASSERT_FALSE(server().start_trace({.id = "t", .target = "lobby", .messages = 1'000}));
  while (fixture_.count(Counter::dropped_backpressure) == 0) {
    server().send_to_room({.room = "lobby", .event = "e", .data = Json::text(data)});
  }
  slow.socket->reset();
  const auto ended = [this] {
    return std::ranges::count(events(TraceStep::dropped),
                              "its connection ended before it was written", &TraceEvent::detail);
  };
  ServerFixture::await([&] { return ended() > 0; });
}

TEST(TracesOfServers, AMessageHasOneIdOnAllOfThem) {
  Bus bus;
  const auto adjust = [&](ServerOptions& options) {
    options.broker = bus.broker();
    options.measure = true;
  };
  ServerFixture here(2, adjust);
  ServerFixture there(2, adjust);
  const Peer peer = there.peer("alice", {"lobby"});
  for (ServerFixture* one : {&here, &there}) {
    ASSERT_FALSE(one->server().start_trace({.id = "t", .target = "lobby"}));
  }
  here.server().send({.destination = "lobby", .event = "e", .data = kOne});
  const auto find = [](ServerFixture& fixture, TraceStep step) {
    const auto events = fixture.server().get_trace("t")->events;
    const auto found = std::ranges::find(events, step, &TraceEvent::step);
    return found == events.end() ? TraceEvent{} : *found;
  };
  ServerFixture::await([&] {
    return !find(there, TraceStep::written).client.empty() &&
           !find(here, TraceStep::broker).detail.empty();
  });
  EXPECT_EQ(find(here, TraceStep::broker).detail, "ok");
  EXPECT_EQ(find(there, TraceStep::written).client, peer.id);
  EXPECT_EQ(find(there, TraceStep::received).message, find(here, TraceStep::published).message);
  EXPECT_EQ(find(there, TraceStep::published).message, "") << "it was published elsewhere";
}

}  // namespace
}  // namespace wscast
