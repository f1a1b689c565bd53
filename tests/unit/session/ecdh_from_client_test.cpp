// protocol.md S8: what an encrypted client sends.

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/base64.h"
#include "encrypted_world.h"

namespace wscast::session {
namespace {

const Texts kFailed{error_text("Decryption failed")};

class FromClient : public EncryptedWorld {
 protected:
  FromClient() { enter(); }

  void receive(std::string_view plain) { client_->receive(peer_.seal(plain)); }

  /// The message with this counter; each message differs.
  std::string numbered(std::uint64_t counter) const {
    return peer_.seal(event(static_cast<int>(counter % 1'000)), peer_.iv(counter));
  }

  /// Whether the message hook was requested; if not, the client was sent an error.
  bool taken(const std::string& message) {
    client_->receive(message);
    const Texts requested = world_.take_requests();
    const bool handled = !requested.empty() && requested[0].starts_with("message ");
    EXPECT_EQ(read(), handled ? Texts{} : kFailed);
    world_.take_requests();
    return handled;
  }
};

TEST_F(FromClient, S8M9AnEventGoesToTheMessageHookWithDataAndId) {
  receive(R"({"event":"move","data":{"x":1},"id":"7"})");
  EXPECT_EQ(world_.take_requests(), Texts{R"(message move {"x":1} "7")"});
  world_.complete_all();
  receive(R"({"event":"stop"})");
  EXPECT_EQ(world_.take_requests(), Texts{"message stop -"});
  EXPECT_EQ(world_.counted(), Counts{});
}

TEST_F(FromClient, S8M7M8JoinAndLeave) {
  receive(R"({"event":"join","data":{"rooms":["a","ws:b"]}})");
  EXPECT_EQ(world_.take_requests(), Texts{"rooms a"});
  world_.complete_all();
  EXPECT_TRUE(world_.hub.in_room(client_->session, "a"));
  receive(R"({"event":"leave","data":{"rooms":["a"]}})");
  EXPECT_FALSE(world_.hub.in_room(client_->session, "a"));
}

TEST_F(FromClient, S8M3AHeartbeatIsASignOfLife) {
  world_.clock.pass(world_.options.heartbeat_timeout);
  receive(R"({"event":"heartbeat"})");
  world_.clock.pass(world_.options.heartbeat_timeout);
  client_->session.check_heartbeat();
  EXPECT_FALSE(client_->session.ended());
  EXPECT_EQ(read(), Texts{});
  EXPECT_EQ(world_.take_requests(), Texts{});
}

TEST_F(FromClient, S8M5ASecondAuthenticate) {
  receive(R"({"event":"authenticate","data":{}})");
  EXPECT_EQ(read(), Texts{error_text("Already authenticated")});
}

TEST_F(FromClient, S8M12ABinaryMessageToo) {
  client_->session.on_message(true, peer_.seal(event(1)));
  EXPECT_EQ(world_.take_requests(), Texts{"message e 1"});
}

TEST_F(FromClient, S8PlainMessagesAreHandledAsEver) {
  client_->receive(event(1));
  receive(event(2));
  client_->receive(event(3));
  world_.complete_all();
  EXPECT_EQ(world_.take_requests(), (Texts{"message e 1", "message e 2", "message e 3"}));
}

TEST_F(FromClient, S8M14WhileAHookRunsMessagesWaitInOrder) {
  receive(event(1));
  receive(R"({"event":"join","data":{"rooms":["a"]}})");
  receive(event(2));
  EXPECT_EQ(world_.take_requests(), Texts{"message e 1"});
  world_.complete_all();
  EXPECT_EQ(world_.take_requests(), (Texts{"rooms a", "message e 2"}));
}

TEST_F(FromClient, M6S8BeforeAuthenticationItIsLikeAnyOtherEvent) {
  Client& other = world_.open();
  other.receive(peer_.seal(event(1)));
  EXPECT_EQ(other.take_sent(), Texts{error_text("Not authenticated")});
  EXPECT_EQ(world_.counted(), (Counts{{"not_authenticated", 1}}));
}

TEST_F(FromClient, S8AMegabyteComesThrough) {
  const std::string data = "\"" + std::string(1 << 20, 'x') + "\"";
  receive(R"({"event":"e","data":)" + data + "}");
  EXPECT_TRUE(world_.take_requests() == Texts{"message e " + data});
}

TEST_F(FromClient, S8EachLengthComesThrough) {
  for (std::size_t size = 1; size < 100; ++size) {
    const std::string name(size, 'x');
    receive(R"({"event":")" + name + "\"}");
    world_.complete_all();
    ASSERT_EQ(world_.take_requests(), Texts{"message " + name + " -"});
  }
}

TEST_F(FromClient, S8TheStringsOfTheEnvelopeMayBeEscapedAsJsonMay) {
  std::string escaped;
  for (const char character : peer_.seal(event(1))) {
    escaped += character == '/' ? R"(\/)" : std::string(1, character);
  }
  ASSERT_NE(escaped.find(R"("iv":"\/\/\/\/)"), std::string::npos);
  EXPECT_TRUE(taken(escaped));
}

TEST_F(FromClient, S8TheEnvelopeMayLookAsItLikes) {
  const auto iv = peer_.iv(1);
  EXPECT_TRUE(taken(R"( { "id": 1, "data" : { "x" : [], "ct" : ")" +
                    base64_encode(peer_.ciphertext(event(2), iv)) +
                    R"(", "iv" : 7, "i\u0076" : ")" + base64_encode(iv) +
                    R"(" } , "event" : "encr\u0079pted" } )"));
}

struct Bad {
  std::string name;
  std::function<std::string(const EcdhClient&)> message;  ///< With the next IV.

  friend void PrintTo(const Bad& row, std::ostream* out) { *out << row.name; }
};

class BadMessages : public FromClient, public testing::WithParamInterface<Bad> {};

TEST_P(BadMessages, S8AreReportedCountedAndDroppedAndTheNextOneIsHandled) {
  ASSERT_TRUE(taken(peer_.seal(event(1))));
  world_.forget();
  const std::string bad = GetParam().message(peer_);
  client_->receive(bad);
  EXPECT_EQ(read(), kFailed);
  EXPECT_EQ(world_.counted(), (Counts{{"decryption_failures", 1}}));
  EXPECT_EQ(world_.take_requests(), Texts{"transform " + error_text("Decryption failed")});
  EXPECT_FALSE(client_->session.ended());
  ++peer_.counter;  // A bad message of one's own may use up its IV.
  EXPECT_TRUE(taken(peer_.seal(event(2))));
}

std::string inside(const EcdhClient& peer, std::string_view plain) {
  return peer.seal(plain, peer.iv(peer.counter + 1));
}

/// A good message but for this IV or ciphertext.
std::string with(const EcdhClient& peer, const std::function<void(std::string&)>& change_iv,
                 const std::function<void(std::string&)>& change_text) {
  const auto iv = peer.iv(peer.counter + 1);
  std::string iv_text = base64_encode(iv);
  std::string text = base64_encode(peer.ciphertext(R"({"event":"e","data":[1,2,3]})", iv));
  change_iv(iv_text);
  change_text(text);
  return encrypted_message(iv_text, text);
}

std::string with_iv(const EcdhClient& peer, const std::function<void(std::string&)>& change) {
  return with(peer, change, [](std::string&) {});
}

std::string with_text(const EcdhClient& peer, const std::function<void(std::string&)>& change) {
  return with(
      peer, [](std::string&) {}, change);
}

/// Changed bytes of the ciphertext and its tag.
std::string with_bytes(const EcdhClient& peer,
                       const std::function<void(std::vector<std::uint8_t>&)>& change) {
  const auto iv = peer.iv(peer.counter + 1);
  auto bytes = peer.ciphertext(R"({"event":"e"})", iv);
  change(bytes);
  return encrypted_message(base64_encode(iv), base64_encode(bytes));
}

std::string with_data(const std::string& data) {
  return R"({"event":"encrypted","data":)" + data + "}";
}

std::string nested(std::size_t levels) {
  return R"({"event":"e","data":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
}

using Peer = const EcdhClient&;
using Octets = std::vector<std::uint8_t>;

// clang-format off
const std::vector<Bad> kBad = {
    {"AWrongTag", [](Peer peer) { return with_bytes(peer, [](Octets& b) { b.back() ^= 1; }); }},
    {"AWrongCiphertext", [](Peer peer) { return with_bytes(peer, [](Octets& b) { b[0] ^= 1; }); }},
    {"AByteLess", [](Peer peer) { return with_bytes(peer, [](Octets& b) { b.pop_back(); }); }},
    {"AByteMore", [](Peer peer) { return with_bytes(peer, [](Octets& b) { b.push_back(0); }); }},
    {"OnlyTheTag", [](Peer peer) { return with_bytes(peer, [](Octets& b) { b.erase(b.begin(), b.end() - 16); }); }},
    {"ShorterThanATag", [](Peer peer) { return with_bytes(peer, [](Octets& b) { b.resize(15); }); }},
    {"NoCiphertext", [](Peer peer) { return with_bytes(peer, [](Octets& b) { b.clear(); }); }},
    {"AnEmptyTextInside", [](Peer peer) { return inside(peer, ""); }},
    {"TheOtherKey", [](Peer peer) {
       const auto iv = peer.iv(peer.counter + 1);
       EcdhClient reflected;
       reflected.to_server = peer.to_client;
       return reflected.seal(R"({"event":"e"})", iv);
     }},
    {"AnIvOfElevenBytes", [](Peer peer) {
       const auto iv = peer.iv(peer.counter + 1);
       const auto cut = std::span(iv).first(11);
       return encrypted_message(base64_encode(cut), base64_encode(peer.ciphertext(R"({"event":"e"})", cut)));
     }},
    {"AnIvOfSixteenBytes", [](Peer peer) {
       std::vector<std::uint8_t> longer(16, 0xff);
       return encrypted_message(base64_encode(longer), base64_encode(peer.ciphertext(R"({"event":"e"})", longer)));
     }},
    {"NoIv", [](Peer peer) { return with_iv(peer, [](std::string& iv) { iv.clear(); }); }},
    {"AnIvWithASpace", [](Peer peer) { return with_iv(peer, [](std::string& iv) { iv.insert(0, " "); }); }},
    {"AnIvInTheUrlAlphabet", [](Peer peer) { return with_iv(peer, [](std::string& iv) { iv[0] = '_'; }); }},
    {"CiphertextUnpadded", [](Peer peer) {
       return with_text(peer, [](std::string& text) {
         ASSERT_EQ(text.back(), '=');
         while (text.back() == '=') text.pop_back();
       });
     }},
    {"CiphertextWithANewLine", [](Peer peer) { return with_text(peer, [](std::string& text) { text.insert(4, R"(\n)"); }); }},
    {"CiphertextThatIsNoBase64", [](Peer peer) { return with_text(peer, [](std::string& text) { text[0] = '!'; }); }},
    {"CiphertextWithALoneSurrogate", [](Peer peer) { return with_text(peer, [](std::string& text) { text.insert(0, R"(\ud800)"); }); }},
    {"NoData", [](Peer) { return std::string(R"({"event":"encrypted"})"); }},
    {"NullData", [](Peer) { return with_data("null"); }},
    {"AnArray", [](Peer) { return with_data("[]"); }},
    {"AString", [](Peer) { return with_data(R"("text")"); }},
    {"AnEmptyObject", [](Peer) { return with_data("{}"); }},
    {"NoCt", [](Peer peer) { return with_data(R"({"iv":")" + base64_encode(peer.iv(9)) + R"("})"); }},
    {"NoIvKey", [](Peer) { return with_data(R"({"ct":"AAAAAAAAAAAAAAAAAAAAAA=="})"); }},
    {"NoStrings", [](Peer) { return with_data(R"({"iv":1,"ct":[]})"); }},
    {"NoJsonInside", [](Peer peer) { return inside(peer, "no JSON"); }},
    {"NoUtf8Inside", [](Peer peer) { return inside(peer, "{\"event\":\"\xff\"}"); }},
    {"NoObjectInside", [](Peer peer) { return inside(peer, R"(["event"])"); }},
    {"NullInside", [](Peer peer) { return inside(peer, "null"); }},
    {"NoEventInside", [](Peer peer) { return inside(peer, R"({"data":1})"); }},
    {"AnEmptyEventInside", [](Peer peer) { return inside(peer, R"({"event":""})"); }},
    {"TooDeepInside", [](Peer peer) { return inside(peer, nested(256)); }},
    {"EncryptedInEncrypted", [](Peer peer) { return inside(peer, peer.seal(R"({"event":"e"})", peer.iv(peer.counter + 2))); }},
    {"EncryptedWithoutDataInside", [](Peer peer) { return inside(peer, R"({"event":"encrypted"})"); }},
    {"EncryptedEscapedInside", [](Peer peer) { return inside(peer, R"({"event":"\u0065ncrypted"})"); }},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Each, BadMessages, testing::ValuesIn(kBad),
                         [](const auto& row) { return row.param.name; });

TEST_F(FromClient, M15S8AtTheMostDepthIsHandled) {
  EXPECT_TRUE(taken(inside(peer_, nested(255))));
}

TEST_F(FromClient, S8TheCounterBeginsAnywhereAndGrowsBySteps) {
  for (const std::uint64_t counter : {0ull, 1ull, 2ull, 255ull, 256ull, 65'536ull, 1ull << 32,
                                      (1ull << 63) + 7, ~0ull - 1, ~0ull}) {
    EXPECT_TRUE(taken(numbered(counter))) << counter;
  }
}

TEST_F(FromClient, S8WhatCameBeforeIsRefused) {
  const std::string first = numbered(5);
  const std::string second = numbered(6);
  EXPECT_TRUE(taken(first));
  EXPECT_FALSE(taken(first)) << "again";
  EXPECT_TRUE(taken(second));
  EXPECT_FALSE(taken(first)) << "later";
  EXPECT_EQ(world_.counted(), (Counts{{"decryption_failures", 2}}));
}

TEST_F(FromClient, S8ACounterThatHasNotGrownIsRefused) {
  EXPECT_TRUE(taken(numbered(0x100)));
  for (const std::uint64_t counter : {0x100u, 0xffu, 0x01u, 0x00u}) {
    EXPECT_FALSE(taken(peer_.seal(event(7), peer_.iv(counter)))) << counter;
  }
  EXPECT_TRUE(taken(numbered(0x101)));
}

TEST_F(FromClient, S8AfterTheLastCounterNothingIsAccepted) {
  EXPECT_TRUE(taken(numbered(~0ull)));
  EXPECT_FALSE(taken(numbered(0)));
  EXPECT_FALSE(taken(peer_.seal(event(7), peer_.iv(~0ull))));
}

TEST_F(FromClient, S8TheFirstFourBytesStay) {
  EXPECT_TRUE(taken(numbered(1)));
  const auto fixed = peer_.fixed_iv;
  for (std::size_t i = 0; i < fixed.size(); ++i) {
    for (const int step : {-1, 1}) {
      peer_.fixed_iv = fixed;
      peer_.fixed_iv[i] = static_cast<std::uint8_t>(peer_.fixed_iv[i] + step);
      EXPECT_FALSE(taken(numbered(2))) << i;
    }
  }
  peer_.fixed_iv = fixed;
  EXPECT_TRUE(taken(numbered(2)));
}

TEST_F(FromClient, S8AFailedMessageDoesNotMoveTheCounter) {
  EXPECT_TRUE(taken(numbered(1)));
  EcdhClient stranger;
  EXPECT_FALSE(taken(stranger.seal(event(1), peer_.iv(1'000))));
  EXPECT_TRUE(taken(numbered(2)));
}

TEST_F(FromClient, S8AForgedFirstMessageDoesNotFixTheFirstFourBytes) {
  EcdhClient stranger;
  stranger.fixed_iv = {1, 2, 3, 4};
  EXPECT_FALSE(taken(stranger.seal(event(1))));
  EXPECT_TRUE(taken(numbered(1)));
}

TEST_F(FromClient, S8ForTwoClientsTheCountersAreTwo) {
  EXPECT_TRUE(taken(numbered(10)));
  enter();
  EXPECT_TRUE(taken(numbered(5)));
}

TEST(FromOthers, M9S8FromAPlainClientItIsAnOrdinaryEvent) {
  World world;
  world.encrypt(Encryption::optional);
  Client& client = world.enter();
  client.receive(R"({"event":"encrypted","data":{"iv":"x","ct":"y"}})");
  EXPECT_EQ(world.take_requests(), Texts{R"(message encrypted {"iv":"x","ct":"y"})"});
  EXPECT_EQ(world.counted(), Counts{});
}

TEST(FromOthers, M9S8WithATransformerOfOnesOwnItIsAnOrdinaryEvent) {
  World world;
  Client& client = world.enter();
  client.session.outbound().enable_encryption();
  client.receive(R"({"event":"encrypted","data":{"iv":"x","ct":"y"}})");
  EXPECT_EQ(world.take_requests(), Texts{R"(message encrypted {"iv":"x","ct":"y"})"});
  EXPECT_EQ(client.take_sent(), Texts{});
}

class RatesFromClient : public FromClient {
 protected:
  void limit(std::size_t messages, std::size_t joins) {
    world_.options.message_rate = messages;
    world_.options.join_rate = joins;
    enter();
    world_.clock.pass(std::chrono::seconds(10));
    world_.forget();
  }
};

TEST_F(RatesFromClient, O11S8AnEncryptedMessageCountsOnce) {
  limit(3, 0);
  for (int n = 0; n < 3; ++n) receive(event(n));
  EXPECT_EQ(read(), Texts{});
  receive(event(3));
  EXPECT_EQ(read(), Texts{error_text("Rate limit exceeded")});
  EXPECT_EQ(world_.counted(), (Counts{{"rate_limited", 1}}));
}

TEST_F(RatesFromClient, O11S8AJoinInsideCountsAsAJoin) {
  limit(100, 2);
  const std::string join = R"({"event":"join","data":{"rooms":["a"]}})";
  client_->receive(join);
  world_.complete_all();
  receive(join);
  EXPECT_EQ(read(), Texts{});
  receive(join);
  EXPECT_EQ(read(), Texts{error_text("Rate limit exceeded")});
  receive(event(1));
  EXPECT_EQ(read(), Texts{}) << "of messages there are some left";
  EXPECT_EQ(world_.counted(), (Counts{{"rate_limited", 1}}));
}

}  // namespace
}  // namespace wscast::session
