#include "session/outbound_encryption.h"

#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "protocol/envelope.h"
#include "support/fake_random.h"

namespace wscast::session {
namespace {

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

ws::FrameRef text_frame(std::string_view text) {
  return ws::make_frame(ws::Opcode::text, text);
}

std::string text_of(const ws::FrameRef& frame) {
  const auto payload = frame.bytes().last(frame.payload_size());
  return {payload.begin(), payload.end()};
}

class OutboundEncryptionTest : public testing::Test {
 protected:
  void push(std::string_view text) { EXPECT_TRUE(encryption_.push(text_frame(text), kNoLimit)); }

  /// What the front, a message of any text, becomes.
  std::string transformed(const TransformResult& result) {
    push("front");
    const ws::FrameRef frame = encryption_.transform_front(result);
    encryption_.pop_front();
    return frame ? text_of(frame) : "nothing";
  }

  OutboundEncryption encryption_;
};

TEST_F(OutboundEncryptionTest, HoldsNothingAtFirst) {
  EXPECT_TRUE(encryption_.empty());
  EXPECT_FALSE(encryption_.full(0));
  EXPECT_FALSE(encryption_.request());
  EXPECT_FALSE(encryption_.requested());
  EXPECT_FALSE(encryption_.draining());
  EXPECT_EQ(encryption_.channel(), nullptr);
}

TEST_F(OutboundEncryptionTest, KeepsMessagesInOrder) {
  push("a");
  push("b");
  EXPECT_EQ(encryption_.size(), 2u);
  EXPECT_EQ(encryption_.front(), "a");
  encryption_.pop_front();
  EXPECT_EQ(encryption_.front(), "b");
  encryption_.pop_front();
  EXPECT_TRUE(encryption_.empty());
}

TEST_F(OutboundEncryptionTest, RequestsOneMessageAtATime) {
  push("a");
  push("b");
  EXPECT_TRUE(encryption_.request());
  EXPECT_TRUE(encryption_.requested());
  EXPECT_FALSE(encryption_.request()) << "the first is open";
  encryption_.pop_front();
  encryption_.end_request();
  EXPECT_FALSE(encryption_.requested());
  EXPECT_TRUE(encryption_.request());
  encryption_.pop_front();
  encryption_.end_request();
  EXPECT_FALSE(encryption_.request()) << "none is left";
}

TEST_F(OutboundEncryptionTest, DropsMessagesAboveTheLimit) {
  const auto frame = text_frame("a");
  EXPECT_TRUE(encryption_.push(frame, frame.cost()));
  EXPECT_FALSE(encryption_.full(frame.cost())) << "at the limit";
  EXPECT_TRUE(encryption_.push(frame, frame.cost()));
  EXPECT_TRUE(encryption_.full(frame.cost()));
  EXPECT_FALSE(encryption_.push(frame, frame.cost()));
  EXPECT_EQ(encryption_.size(), 2u);
}

TEST_F(OutboundEncryptionTest, SendsWhatTheTransformerMade) {
  EXPECT_EQ(transformed(Unchanged{}), "front");
  EXPECT_EQ(transformed(Transformed{"e", "[1]"}), R"({"event":"e","data":[1]})");
  EXPECT_EQ(transformed(Transformed{"e", ""}), R"({"event":"e"})");
}

TEST_F(OutboundEncryptionTest, SendsNothingThatNoClientCanRead) {
  EXPECT_EQ(transformed(Threw{}), "nothing");
  EXPECT_EQ(transformed(Transformed{"\xff", "1"}), "nothing");
  EXPECT_EQ(transformed(Transformed{"e", "\"\xff\""}), "nothing");
  EXPECT_EQ(transformed(Transformed{"e", "no JSON"}), "nothing");
  const std::string deep(protocol::kMaxDataDepth + 1, '[');
  EXPECT_EQ(transformed(Transformed{"e", deep + std::string(deep.size(), ']')}), "nothing");
}

TEST_F(OutboundEncryptionTest, SealsWithTheChannel) {
  FakeRandom random;
  ChannelContext context("info", random);
  encryption_.use(std::make_unique<EncryptedChannel>(context, crypto::Agreement{}));
  EXPECT_NE(encryption_.channel(), nullptr);
  push("a");
  EXPECT_TRUE(text_of(encryption_.seal_front()).starts_with(R"({"event":"encrypted","data":)"));
  EXPECT_EQ(encryption_.size(), 1u) << "until it is popped";
}

TEST_F(OutboundEncryptionTest, KeepsACloseBehindWhatWaits) {
  push("a");
  encryption_.request();
  encryption_.drain(ws::CloseCode::going_away, "bye");
  EXPECT_TRUE(encryption_.draining());
  EXPECT_EQ(encryption_.size(), 1u);
  const PendingClose close = encryption_.finish_draining();
  EXPECT_EQ(close.code, ws::CloseCode::going_away);
  EXPECT_EQ(close.reason, "bye");
  EXPECT_FALSE(encryption_.draining());
  EXPECT_TRUE(encryption_.empty());
  EXPECT_FALSE(encryption_.requested()) << "a result comes too late";
}

TEST_F(OutboundEncryptionTest, ForgetsAllWhenCleared) {
  push("a");
  encryption_.request();
  encryption_.drain(ws::CloseCode::going_away, "bye");
  encryption_.clear();
  EXPECT_TRUE(encryption_.empty());
  EXPECT_FALSE(encryption_.draining());
  EXPECT_FALSE(encryption_.requested());
  encryption_.end_request();
}

}  // namespace
}  // namespace wscast::session
