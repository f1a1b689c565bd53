#include "wscast/owned_request.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/hooks.h"

#include "silent_socket.h"

namespace wscast {
namespace {

// Texts short enough for a string to hold in itself: moving such a string moves its characters.

TEST(OwnedRequest, ViewsSurviveWhatTheyWereMadeOf) {
  auto texts = std::make_unique<std::vector<std::string>>(
      std::vector<std::string>{"client", "user", "event", "[1]", "2", std::string(100, 'x')});
  const auto& t = *texts;
  ClientMessage message{.client_id = t[0],
                        .user_id = t[1],
                        .event = t[2],
                        .data = Json::text(t[3]),
                        .id = Json::text(t[4]),
                        .metadata = Metadata::of(5)};
  const OwnedRequest<ClientMessage> kept(message);
  message = {};
  texts.reset();

  EXPECT_EQ(kept->client_id, "client");
  EXPECT_EQ(kept->user_id, "user");
  EXPECT_EQ(kept->event, "event");
  EXPECT_EQ(kept->data.view(), "[1]");
  EXPECT_EQ(kept->id.view(), "2");
  ASSERT_TRUE(kept->metadata.get<int>());
  EXPECT_EQ(*kept->metadata.get<int>(), 5);
}

TEST(OwnedRequest, RoomsSurviveToo) {
  auto rooms = std::make_unique<std::vector<std::string>>(std::vector<std::string>{"a", "b"});
  const OwnedRequest<ValidateRoomsRequest> kept({.client_id = "c", .rooms = *rooms});
  rooms.reset();
  EXPECT_EQ(std::vector<std::string>(kept->rooms.begin(), kept->rooms.end()),
            (std::vector<std::string>{"a", "b"}));
}

TEST(OwnedRequest, AbsentStaysAbsent) {
  const OwnedRequest<ClientMessage> kept(ClientMessage{.data = Json::text("")});
  EXPECT_TRUE(kept->data.present());
  EXPECT_FALSE(kept->id.present());
}

TEST(OwnedRequest, HasNoSocket) {
  SilentSocket socket;
  const ClientEvent event{.client_id = "c", .socket = &socket};
  const OwnedRequest<ClientEvent> kept(event);
  EXPECT_EQ(kept->socket, nullptr);
  EXPECT_EQ(event.socket, &socket);
}

TEST(OwnedRequest, MovedItShowsTheSame) {
  auto first = std::make_unique<OwnedRequest<AuthenticateRequest>>(
      AuthenticateRequest{.client_id = "c", .data = Json::text("{}")});
  OwnedRequest<AuthenticateRequest> second(std::move(*first));
  first.reset();
  EXPECT_EQ(second->client_id, "c");
  EXPECT_EQ(second->data.view(), "{}");

  second = OwnedRequest<AuthenticateRequest>(AuthenticateRequest{.client_id = "d"});
  EXPECT_EQ((*second).client_id, "d");
}

TEST(OwnedRequest, GoesToAnotherThread) {
  std::string seen;
  std::thread thread;
  {
    std::string id = "client";
    thread = std::thread(
        [&seen, kept = OwnedRequest<ClientEvent>({.client_id = id})] { seen = kept->client_id; });
    id = "another";
  }
  thread.join();
  EXPECT_EQ(seen, "client");
}

}  // namespace
}  // namespace wscast
