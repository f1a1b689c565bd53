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

TEST(Outbox, E6OneThatIsNeverEmptyKeepsTheOrderAndNothingOfWhatHasGone) {
  Outbox outbox;
  std::size_t pushed = 0;
  const auto push = [&] { outbox.push(frame(std::string(++pushed, 'x'))); };
  for (int i = 0; i < 20; ++i) push();
  for (std::size_t popped = 1; popped <= 1'000; ++popped) {
    ASSERT_EQ(outbox.front().payload_size(), popped);
    outbox.pop();
    push();
    ASSERT_EQ(outbox.size(), 20u);
  }
}

TEST(Outbox, T5KnowsWhatItsMessagesCostAndNotOnlyTheirBytes) {
  Outbox outbox;
  EXPECT_EQ(outbox.bytes(), 0u);
  const ws::FrameRef first = frame(std::string(100, 'x'));
  const ws::FrameRef second = frame(std::string(1'000, 'x'));
  outbox.push(first);
  outbox.push(second);
  EXPECT_EQ(outbox.bytes(), first.cost() + second.cost());
  EXPECT_GE(outbox.bytes(), first.size() + second.size() + 200);
  outbox.pop();
  EXPECT_EQ(outbox.bytes(), second.cost());
  outbox.pop();
  EXPECT_EQ(outbox.bytes(), 0u);
}

}  // namespace
}  // namespace wscast::session
