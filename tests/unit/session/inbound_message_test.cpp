#include "session/inbound_message.h"

#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "support/ecdh_client.h"
#include "support/fake_random.h"

namespace wscast::session {
namespace {

constexpr std::size_t kDepth = protocol::kMaxJsonDepth;

std::optional<std::string> id_of(std::string_view text, EncryptedChannel* channel = nullptr) {
  return id_of_dropped(parse_message(text, true, kDepth).envelope, channel, kDepth);
}

TEST(InboundMessage, ChecksUtf8OnlyIfRequested) {
  constexpr std::string_view kText = "{\"event\":\"\xff\"}";
  EXPECT_EQ(parse_message(kText, true, kDepth).status, protocol::EnvelopeStatus::invalid);
  EXPECT_EQ(parse_message(R"({"event":"e"})", true, kDepth).status, protocol::EnvelopeStatus::ok);
  EXPECT_EQ(parse_message(R"({"event":"e"})", false, kDepth).status, protocol::EnvelopeStatus::ok);
}

TEST(InboundMessage, LimitsTheDepth) {
  EXPECT_EQ(parse_message(R"({"event":"e","data":[1]})", false, 1).status,
            protocol::EnvelopeStatus::invalid);
}

TEST(InboundMessage, ReportsADroppedMessageByItsId) {
  EXPECT_EQ(id_of(R"({"event":"e","id":[1]})"), "[1]");
  EXPECT_EQ(id_of(R"({"event":"e"})"), std::nullopt);
  EXPECT_EQ(id_of(R"({"event":"heartbeat","id":1})"), std::nullopt) << "gets no error";
}

/// A client of the ready-made encryption, and the server's end of its channel.
class EncryptedInboundMessage : public testing::Test {
 protected:
  EncryptedInboundMessage() {
    const auto agreement = *context_.agree(peer_.authenticate_data());
    channel_.emplace(context_, agreement);
    peer_.learn(agreement.server_public_key, agreement.salt);
  }

  FakeRandom random_;
  ChannelContext context_{std::string(EcdhClient::kInfo), random_};
  EcdhClient peer_;
  std::optional<EncryptedChannel> channel_;
};

TEST_F(EncryptedInboundMessage, IsReportedByTheIdInside) {
  const std::string text = peer_.seal(R"({"event":"e","id":"inside"})");
  EXPECT_EQ(id_of(text, &*channel_), R"("inside")");
  EXPECT_EQ(id_of(text), std::nullopt) << "without a channel it is a message like any other";
}

TEST_F(EncryptedInboundMessage, MayStillBeOpened) {
  const std::string text = peer_.seal(R"({"event":"e","id":1})");
  id_of(text, &*channel_);
  const auto parsed = parse_message(text, true, kDepth);
  EXPECT_TRUE(channel_->open(*parsed.envelope.data).has_value());
}

TEST_F(EncryptedInboundMessage, IsReportedByItsOwnIdIfNothingUsableIsInside) {
  const auto with_id = [](std::string text) {
    return text.insert(text.size() - 1, R"(,"id":"outside")");
  };
  EXPECT_EQ(id_of(with_id(peer_.seal("no JSON")), &*channel_), R"("outside")");
  EXPECT_EQ(id_of(with_id(peer_.seal(R"({"event":"e"})")), &*channel_), R"("outside")");
  EXPECT_EQ(id_of(with_id(peer_.seal(R"({"event":"heartbeat","id":1})")), &*channel_),
            R"("outside")");
  EXPECT_EQ(id_of(R"({"event":"encrypted","data":{},"id":"outside"})", &*channel_), R"("outside")");
}

}  // namespace
}  // namespace wscast::session
