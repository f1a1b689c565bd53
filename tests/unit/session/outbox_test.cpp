#include "session/outbox.h"

#include <string>

#include <gtest/gtest.h>

namespace wscast::session {
namespace {

ws::FrameRef frame(const std::string& text) {
  return ws::make_frame(ws::Opcode::text, text);
}

TEST(Outbox, E6MessagesLeaveInTheOrderInWhichTheyCame) {
  Outbox outbox;
  for (const char* text : {"1", "22", "333"}) outbox.push(frame(text));
  for (const std::size_t size : {1u, 2u, 3u}) {
    EXPECT_EQ(outbox.front().payload_size(), size);
    outbox.pop();
  }
  EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, OnlyTheFirstPushAsksForATransformation) {
  Outbox outbox;
  EXPECT_TRUE(outbox.push(frame("1")));
  EXPECT_FALSE(outbox.push(frame("2")));
  outbox.pop();
  EXPECT_FALSE(outbox.push(frame("3"))) << "the one before is at it";
  outbox.pop();
  outbox.pop();
  EXPECT_TRUE(outbox.push(frame("4")));
}

TEST(Outbox, KnowsItsBytes) {
  Outbox outbox;
  EXPECT_EQ(outbox.bytes(), 0u);
  const ws::FrameRef first = frame(std::string(100, 'x'));
  const ws::FrameRef second = frame(std::string(1'000, 'x'));
  outbox.push(first);
  outbox.push(second);
  EXPECT_EQ(outbox.bytes(), first.size() + second.size());
  outbox.pop();
  EXPECT_EQ(outbox.bytes(), second.size());
  outbox.pop();
  EXPECT_EQ(outbox.bytes(), 0u);
}

}  // namespace
}  // namespace wscast::session
