// protocol.md S4 to S7 and E1 to E6 with the ready-made encryption: how it begins, and what the
// client is sent.

#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "encrypted_world.h"

namespace wscast::session {
namespace {

const Texts kRefused{error_text("Encryption handshake failed"), "close 4004 Encryption required"};

std::string authenticate(const std::string& data) {
  return R"({"event":"authenticate","data":)" + data + "}";
}

struct Data {
  std::string name;
  std::string text;  ///< `KEY` stands for a good one.

  friend void PrintTo(const Data& row, std::ostream* out) { *out << row.name; }
};

class DataOfAuthenticate : public testing::TestWithParam<Data> {
 protected:
  std::string message() const {
    std::string text = GetParam().text;
    if (const auto at = text.find("KEY"); at != std::string::npos) {
      text.replace(at, 3, peer_.public_key());
    }
    return authenticate(text);
  }

  World world_;
  EcdhClient peer_;
};

class DataWithAKey : public DataOfAuthenticate {};
class DataWithoutAKey : public DataOfAuthenticate {};

TEST_P(DataWithAKey, S4S5LetsTheClientIn) {
  world_.encrypt();
  Client& client = world_.open();
  client.receive(message());
  world_.complete_all();
  const Texts sent = client.take_sent();
  ASSERT_EQ(sent.size(), 1u);
  peer_.learn_from(sent[0]);
  client.send(R"({"event":"x"})");
  world_.complete_all();
  EXPECT_EQ(peer_.open(client.take_sent().at(0)), R"({"event":"x"})");
}

TEST_P(DataWithoutAKey, S4S7O7IsRefusedWhenEncryptionIsRequired) {
  world_.encrypt();
  Client& client = world_.open();
  client.receive(message());
  world_.complete_all();
  EXPECT_EQ(client.take_sent(), kRefused);
  EXPECT_EQ(world_.counted(), (Counts{{"closed_encryption", 1}}));
  EXPECT_EQ(world_.hub.clients(), 0u);
}

// clang-format off
const std::vector<Data> kGood = {
    {"Plain", R"({"publicKey":"KEY"})"},
    {"AmongOthers", R"({"token":"t","publicKey":"KEY","x":{"publicKey":7}})"},
    {"TheLastCounts", R"({"publicKey":7,"publicKey":"KEY"})"},
    {"EscapedName", R"({"public\u004bey":"KEY"})"},
};
const std::vector<Data> kBad = {
    {"NoData", "null"},
    {"NoKey", R"({"token":"t"})"},
    {"NoObject", R"(["KEY"])"},
    {"Null", R"({"publicKey":null})"},
    {"ANumber", R"({"publicKey":7})"},
    {"AnArray", R"({"publicKey":["KEY"]})"},
    {"AnObject", R"({"publicKey":{"x":"KEY"}})"},
    {"Empty", R"({"publicKey":""})"},
    {"NoBase64", R"({"publicKey":"no key"})"},
    {"ALoneSurrogate", R"({"publicKey":"\ud800"})"},
    {"AZeroByteBehind", R"({"publicKey":"KEY\u0000"})"},
    {"SpaceBefore", R"({"publicKey":" KEY"})"},
    {"AnotherName", R"({"publickey":"KEY"})"},
    {"TheLastIsNone", R"({"publicKey":"KEY","publicKey":null})"},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Each, DataWithAKey, testing::ValuesIn(kGood),
                         [](const auto& row) { return row.param.name; });
INSTANTIATE_TEST_SUITE_P(Each, DataWithoutAKey, testing::ValuesIn(kBad),
                         [](const auto& row) { return row.param.name; });

class EcdhHandshake : public EncryptedWorld {};

TEST_F(EcdhHandshake, S4OptionalWithoutAKeyStaysPlain) {
  world_.encrypt(Encryption::optional);
  Client& client = world_.open();
  client.receive(authenticate(R"({"token":"t"})"));
  world_.complete_all();
  EXPECT_EQ(client.take_sent(), Texts{R"({"event":"connected","data":{"id":"ID","userId":"alice",)"
                                      R"("time":"2026-01-31T12:00:00.000Z"}})"});
  client.send(event(1));
  EXPECT_EQ(client.take_sent(), Texts{event(1)});
  EXPECT_FALSE(client.session.encrypted);
}

TEST_F(EcdhHandshake, S4S7OptionalWithABadKeyIsRefusedAllTheSame) {
  world_.encrypt(Encryption::optional);
  for (const std::string key : {"null", "7", R"("")", R"("AAAA")"}) {
    Client& client = world_.open();
    client.receive(authenticate(R"({"publicKey":)" + key + "}"));
    world_.complete_all();
    EXPECT_EQ(client.take_sent(), kRefused) << key;
  }
  EXPECT_EQ(world_.counted(), (Counts{{"closed_encryption", 4}}));
}

TEST_F(EcdhHandshake, S7WithoutRandomnessTheClientIsRefused) {
  world_.encrypt();
  world_.random.fails = true;
  Client& client = world_.open();
  client.receive(authenticate(peer_.authenticate_data()));
  world_.complete_all();
  EXPECT_EQ(client.take_sent(), kRefused);
}

TEST_F(EcdhHandshake, O4WhomTheAuthenticateHookRefusesCostsNoKeys) {
  world_.encrypt();
  world_.results.authenticate = Refused{};
  Client& client = world_.open();
  client.receive(authenticate(peer_.authenticate_data()));
  world_.complete_all();
  EXPECT_EQ(client.take_sent().at(0), error_text("Authentication failed"));
  EXPECT_EQ(world_.random.calls, 0);
}

TEST_F(EcdhHandshake, S5ConnectedCarriesTheKeysInTheClear) {
  world_.encrypt();
  Client& client = world_.open();
  client.receive(authenticate(peer_.authenticate_data()));
  world_.complete_all();
  EXPECT_EQ(world_.take_requests(), Texts{"auth " + peer_.authenticate_data()})
      << "neither the handshake hook nor the transformer";
  ASSERT_NE(client.session.identity.keys, nullptr);
  const HandshakeKeys& keys = *client.session.identity.keys;
  EXPECT_EQ(keys.server_public_key.size(), 88u);
  EXPECT_EQ(keys.salt.size(), 44u);
  EXPECT_EQ(client.take_sent(),
            Texts{R"({"event":"connected","data":{"id":"ID","userId":"alice",)"
                  R"("time":"2026-01-31T12:00:00.000Z","serverPublicKey":")" +
                  keys.server_public_key + R"(","salt":")" + keys.salt + R"("}})"});
  EXPECT_TRUE(client.session.encrypted);
  EXPECT_EQ(client.session.state, ClientState::authenticated);
}

TEST_F(EcdhHandshake, D1S5NothingReachesTheClientBetweenAgreementAndConnected) {
  world_.encrypt();
  world_.delegate.has_other_servers = true;
  Client& client = world_.open();
  client.receive(authenticate(peer_.authenticate_data()));
  client.session.on_authenticate_result(Identity{"alice"});
  EXPECT_EQ(client.send(event(1)), 0);
  EXPECT_EQ(client.session.send_raw(ws::make_frame(ws::Opcode::text, "raw")), 0);
  world_.broadcast(event(2));
  EXPECT_EQ(client.take_sent(), Texts{});
  EXPECT_EQ(world_.counted(), (Counts{{"dropped_in_handshake", 1}, {"raw_refused", 1}}));
  client.session.on_subscribed();
  peer_.learn_from(client.take_sent().at(0));
}

TEST_F(EcdhHandshake, S1S2EachClientHasItsOwnKeys) {
  enter();
  Client& first = *client_;
  const EcdhClient::Key key = peer_.to_client;
  enter();
  EXPECT_NE(peer_.to_client, key);
  world_.to_user("alice", event(1));
  EXPECT_EQ(read(), Texts{event(1)});
  EXPECT_EQ(peer_.open(first.take_sent().at(0)), std::nullopt) << "no other client can";
}

TEST_F(EcdhHandshake, S2TheInfoIsAnOption) {
  world_.encrypt(Encryption::required, "mine");
  Client& client = world_.open();
  client.receive(authenticate(peer_.authenticate_data()));
  world_.complete_all();
  peer_.learn_from(client.take_sent().at(0), "mine");
  client.send(event(1));
  world_.complete_all();
  EXPECT_EQ(peer_.open(client.take_sent().at(0)), event(1));
}

class EcdhOutbound : public EncryptedWorld {
 protected:
  EcdhOutbound() { enter(); }
};

TEST_F(EcdhOutbound, E1S5EachKindOfSendIsEncryptedAndInOrder) {
  client_->send(event(1));
  world_.broadcast(event(2));
  world_.to_room("ws-default", event(3));
  world_.to_user("alice", event(4));
  world_.to_room(client_->id(), event(5));
  client_->receive("no json");
  EXPECT_EQ(read(), (Texts{event(1), event(2), event(3), event(4), event(5),
                           error_text("Invalid message format")}));
}

TEST_F(EcdhOutbound, E1OthersOfTheRoomAreSentTheSharedFrame) {
  world_.options.encryption = Encryption::off;
  Client& plain = world_.enter("bob");
  world_.to_room("ws-default", event(1));
  EXPECT_EQ(plain.take_sent(), Texts{event(1)});
  EXPECT_EQ(read(), Texts{event(1)});
}

TEST_F(EcdhOutbound, E1RawSendsAreRefusedAndCounted) {
  EXPECT_EQ(client_->session.send_raw(ws::make_frame(ws::Opcode::text, "raw")), 0);
  EXPECT_EQ(read(), Texts{});
  EXPECT_EQ(world_.counted(), (Counts{{"raw_refused", 1}}));
}

TEST_F(EcdhOutbound, S6TheMessageIsAnIvAndACiphertextAndNothingElse) {
  const std::string plain = R"({"event":"e","data":{"a":[1,"\u00e9é😀"]}})";
  client_->send(plain);
  world_.complete_all();
  const std::string sent = client_->take_sent().at(0);
  static const std::regex shape(
      R"re(\{"event":"encrypted","data":\{"iv":"[A-Za-z0-9+/]{16}","ct":"[A-Za-z0-9+/]+={0,2}"\}\})re");
  EXPECT_TRUE(std::regex_match(sent, shape)) << sent;
  EXPECT_EQ(sent.size(), std::string(R"({"event":"encrypted","data":{"iv":"","ct":""}})").size() +
                             16 + (plain.size() + 16 + 2) / 3 * 4);
  EXPECT_EQ(peer_.open(sent), plain);
}

TEST_F(EcdhOutbound, S3EachMessageHasAnotherIvTheSameOneToo) {
  std::set<std::string> seen;
  for (int n = 0; n < 1'000; ++n) client_->send(event(1));
  world_.complete_all();
  for (const std::string& text : client_->take_sent()) {
    seen.insert(text.substr(0, text.find("ct")));
    ASSERT_EQ(peer_.open(text), event(1));
  }
  EXPECT_EQ(seen.size(), 1'000u);
}

TEST_F(EcdhOutbound, S6EachLengthComesThrough) {
  Texts plain;
  for (std::size_t size = 0; size < 200; ++size) plain.emplace_back(size, 'x');
  for (const std::size_t size : {65'535u, 65'536u, 1'048'576u}) plain.emplace_back(size, 'y');
  for (const std::string& text : plain) {
    EXPECT_GT(client_->send(text), 0);
    ASSERT_EQ(read(), Texts{text}) << text.size();
  }
}

TEST_F(EcdhOutbound, E6MessagesLeaveInTheOrderInWhichTheyCame) {
  Texts expected;
  for (int n = 0; n < 50; ++n) {
    client_->send(event(n));
    expected.push_back(event(n));
  }
  EXPECT_EQ(client_->take_sent(), Texts{}) << "not before the loop iteration ends";
  EXPECT_EQ(read(), expected);
}

TEST_F(EcdhOutbound, E4AMessageThatCannotBeEncryptedIsLostAndCounted) {
  world_.options.notify_dropped = false;  // X2 has tests of its own.
  world_.random.fails = true;
  client_->send(event(1));
  EXPECT_EQ(read(), Texts{});
  EXPECT_EQ(world_.counted(), (Counts{{"drop_episodes", 1}, {"transform_failures", 1}}));
  world_.random.fails = false;
  client_->send(event(2));
  EXPECT_EQ(read(), Texts{event(2)});
  EXPECT_FALSE(client_->session.ended());
}

TEST_F(EcdhOutbound, T5T12UnderBackpressureMessagesWaitAsTheyCame) {
  client_->session.outbound().on_backpressure();
  for (int n = 0; n < 3; ++n) EXPECT_EQ(client_->send(event(n)), -1);
  EXPECT_EQ(read(), Texts{});
  client_->session.outbound().on_drain();
  client_->send(event(3));
  EXPECT_EQ(read(), (Texts{event(0), event(1), event(2), event(3)}));
  EXPECT_EQ(world_.counted(), Counts{});
}

TEST_F(EcdhOutbound, T5WhatWasAcceptedIsNotDroppedByAConnectionThatIsFull) {
  client_->send(event(1));
  client_->send(event(2));
  client_->transport.result = 0;
  EXPECT_TRUE(client_->session.outbound().seal_waiting());
  client_->transport.result = 1;
  EXPECT_EQ(read(), (Texts{event(1), event(2)}));
  EXPECT_EQ(world_.counted(), Counts{});
}

TEST_F(EcdhOutbound, T5OverTheLimitAMessageIsDroppedCountedAndReportedByTheResult) {
  world_.options.notify_dropped = false;  // X2 has tests of its own.
  world_.transport_options.backpressure_limit = 20;
  client_->session.outbound().on_backpressure();
  EXPECT_EQ(client_->send(event(1)), -1) << "one message may overshoot";
  EXPECT_EQ(client_->send(event(2)), 0);
  EXPECT_EQ(world_.counted(), (Counts{{"drop_episodes", 1}, {"dropped_backpressure", 1}}));
  EXPECT_TRUE(client_->session.full);
  client_->session.outbound().on_drain();
  EXPECT_EQ(read(), Texts{event(1)});
  EXPECT_FALSE(client_->session.full);
}

// shows: O8
TEST_F(EcdhOutbound, E6AnEndEncryptsWhatWaitsAndClosesBehindIt) {
  client_->send(event(1));
  client_->send(event(2));
  client_->session.end(kShutdown);
  EXPECT_EQ(take_read(), (Texts{event(1), event(2), "close 1001 Server shutting down"}))
      << "at once: nothing is in the way";
  EXPECT_EQ(world_.delegate.draining, std::vector<Session*>{});
  EXPECT_EQ(client_->send(event(3)), 0);
  EXPECT_EQ(read(), Texts{});
}

TEST_F(EcdhOutbound, E6TheApplicationsCloseToo) {
  client_->send(event(1));
  client_->session.close(4'500, "bye");
  EXPECT_EQ(take_read(), (Texts{event(1), "close 4500 bye"}));
}

TEST_F(EcdhOutbound, E1TheErrorThatExplainsACloseIsEncryptedToo) {
  client_->session.end(kAuthenticationFailed);
  EXPECT_EQ(take_read(),
            (Texts{error_text("Authentication failed"), "close 4003 Authentication failed"}));
}

class EcdhCloseUnderBackpressure : public EcdhOutbound {
 protected:
  EcdhCloseUnderBackpressure() {
    client_->session.outbound().on_backpressure();
    client_->send(event(1));
    client_->send(event(2));
    client_->session.close(4'500, "bye");
  }

  bool draining() const {
    return world_.delegate.draining == std::vector<Session*>{&client_->session};
  }
};

TEST_F(EcdhCloseUnderBackpressure, E6O17ItWaitsThoughTheSessionIsInNothingAnyMore) {
  EXPECT_EQ(read(), Texts{});
  EXPECT_TRUE(draining());
  EXPECT_TRUE(client_->session.ended());
  EXPECT_EQ(world_.hub.clients(), 0u);
  EXPECT_EQ(world_.delegate.disconnections, 1);
  EXPECT_EQ(client_->send(event(3)), 0);
}

TEST_F(EcdhCloseUnderBackpressure, E6TheCloseFollowsWhatWaitedOnceTheClientReads) {
  client_->session.outbound().on_drain();
  EXPECT_EQ(read(), (Texts{event(1), event(2), "close 4500 bye"}));
  EXPECT_FALSE(draining());
  EXPECT_EQ(world_.counted(), (Counts{{"closed_by_application", 1}}));
  client_->session.outbound().on_drain();
  client_->session.on_deadline();
  client_->session.on_close();
  EXPECT_EQ(read(), Texts{});
  EXPECT_EQ(world_.delegate.disconnections, 1);
}

TEST_F(EcdhCloseUnderBackpressure, ItDoesNotWaitForEver) {
  EXPECT_EQ(client_->transport.deadline, world_.clock.now() + std::chrono::seconds(3));
  world_.clock.pass(std::chrono::seconds(3));
  client_->session.on_deadline();
  EXPECT_EQ(take_read(), Texts{"close 4500 bye"});
  EXPECT_FALSE(draining());
  EXPECT_EQ(world_.counted(), (Counts{{"closed_by_application", 1}, {"transform_failures", 2}}));
  client_->session.outbound().on_drain();
  EXPECT_EQ(read(), Texts{});
}

TEST_F(EcdhCloseUnderBackpressure, AConnectionThatClosesDropsWhatWaits) {
  client_->session.on_close();
  EXPECT_FALSE(draining());
  client_->session.outbound().on_drain();
  EXPECT_EQ(read(), Texts{});
}

TEST_F(EcdhOutbound, O9ASlowConsumerIsNotWaitedFor) {
  client_->session.outbound().on_backpressure();
  client_->send(event(1));
  client_->session.end(kSlowConsumer);
  EXPECT_EQ(take_read(), Texts{"close 4008 Slow consumer"});
  EXPECT_EQ(world_.delegate.draining, std::vector<Session*>{});
}

}  // namespace
}  // namespace wscast::session
