#include "net/out_queue.h"

#include <algorithm>
#include <array>
#include <string>

#include <gtest/gtest.h>

#include "support/allocation_faults.h"
#include "ws/frame_joiner.h"

namespace wscast::net {
namespace {

/// Accepts `room` bytes, at most `most_at_once` per call, then nothing until it has room again.
class NarrowStream final : public Stream {
 public:
  IoResult write(std::span<const iovec> pieces) override {
    std::string all;
    for (const iovec& piece : pieces) {
      all.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
    }
    const std::size_t taken = std::min({room, most_at_once, all.size()});
    if (taken == 0) return {IoStatus::would_block, 0};
    room -= taken;
    written += all.substr(0, taken);
    return {IoStatus::ok, taken};
  }
  IoResult read(std::span<std::uint8_t>) override { return {IoStatus::end, 0}; }
  void shutdown_write() override {}
  std::size_t unacknowledged() const override { return 0; }
  void abort() override {}
  std::string remote_address() const override { return {}; }

  std::size_t room = 0;
  std::size_t most_at_once = 1 << 20;
  std::string written;
};

class OutQueueTest : public testing::Test {
 protected:
  void push(int number) {
    const std::string text = std::to_string(number) + ";";
    pushed_ += text;
    queue_.push(ws::make_raw(text), spare_);
  }

  IoStatus write(std::size_t room) {
    stream_.room = room;
    return queue_.write(stream_, scratch_, spare_);
  }

  SpareFrameLists spare_;
  OutQueue queue_;
  NarrowStream stream_;
  std::array<std::uint8_t, 16> scratch_;
  std::string pushed_;
};

TEST_F(OutQueueTest, SendsFramesThatFitSideBySideInOrder) {
  for (int i = 0; i < 5; ++i) push(i);
  EXPECT_EQ(queue_.unsent(), pushed_.size());
  EXPECT_EQ(write(1000), IoStatus::ok);
  EXPECT_EQ(stream_.written, pushed_);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(OutQueueTest, SendsNothingTwiceAndNothingLessHoweverLittleIsTaken) {
  stream_.most_at_once = 3;
  for (int i = 0; i < 400; ++i) push(i);
  while (write(7) == IoStatus::would_block) {
    ASSERT_EQ(queue_.unsent(), pushed_.size() - stream_.written.size());
  }
  EXPECT_EQ(stream_.written, pushed_);
}

TEST_F(OutQueueTest, AQueueThatNeverEmptiesKeepsTheOrder) {
  for (int i = 0; i < 2000; ++i) {
    push(i);
    push(i);
    write(pushed_.size() - stream_.written.size() - 1);
    ASSERT_EQ(queue_.unsent(), 1u);
  }
  EXPECT_EQ(write(1), IoStatus::ok);
  EXPECT_EQ(stream_.written, pushed_);
}

TEST_F(OutQueueTest, ChargesForEachFrameThatWaitsBesidesItsBytes) {
  EXPECT_EQ(queue_.cost(), 0u);
  for (int i = 0; i < 10; ++i) push(i);
  EXPECT_EQ(queue_.cost(), pushed_.size() + 10 * ws::FrameRef::kCost);
  write(5);  // Two frames and half of the third.
  EXPECT_EQ(queue_.cost(), pushed_.size() - 5 + 8 * ws::FrameRef::kCost);
  write(1000);
  EXPECT_EQ(queue_.cost(), 0u);
}

TEST_F(OutQueueTest, WhatIsClearedIsNotSent) {
  push(1);
  push(2);
  write(1);
  queue_.clear();
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.cost(), 0u);
  EXPECT_EQ(write(100), IoStatus::ok);
  EXPECT_EQ(stream_.written, "1");
}

TEST_F(OutQueueTest, AFrameThatCannotBeQueuedIsNotThere) {
  const ws::FrameRef frame = ws::make_raw("frame;");
  for (int i = 0; i < 10; ++i) {
    EXPECT_LE(test::fail_each_allocation([&] {
                EXPECT_EQ(queue_.unsent(), pushed_.size());
                queue_.push(frame, spare_);
              }),
              2);
    pushed_ += "frame;";
  }
  EXPECT_EQ(write(1000), IoStatus::ok);
  EXPECT_EQ(stream_.written, pushed_);
}

TEST_F(OutQueueTest, CountsEachMessageOfAJoinedFrame) {
  const auto joined = [](std::size_t messages) {
    ws::FrameJoiner joiner;
    for (std::size_t i = 0; i < messages; ++i) joiner.add(ws::Opcode::text, 1)[0] = 'x';
    return ws::FrameRef::of(joiner.take());
  };
  const std::array<std::size_t, 3> sizes = {2, 3, 1};
  for (const std::size_t messages : sizes) queue_.push(joined(messages), spare_);
  EXPECT_EQ(queue_.depth().frames, 6u);
  EXPECT_EQ(queue_.cost(), queue_.unsent() + 6 * ws::FrameRef::kCost);
  EXPECT_EQ(write(7), IoStatus::would_block);
  EXPECT_EQ(queue_.depth().frames, 4u) << "the first has been written, of the second 1 byte";
  EXPECT_EQ(write(8), IoStatus::would_block);
  EXPECT_EQ(queue_.depth().frames, 1u);
  EXPECT_EQ(write(100), IoStatus::ok);
  EXPECT_EQ(queue_.depth().frames, 0u);
  queue_.push(joined(1), spare_);
  queue_.push(joined(2), spare_);
  EXPECT_EQ(queue_.depth().frames, 3u) << "a list that was used before counts from 0";
}

TEST_F(OutQueueTest, GathersWhatABatchSends) {
  std::array<std::uint8_t, 8> memory{};
  SendBatch batch(memory);
  push(1);
  const auto only = queue_.gather(batch);
  EXPECT_EQ(std::string(only.begin(), only.end()), "1;");
  push(2);
  push(3);
  const auto all = queue_.gather(batch);
  EXPECT_EQ(std::string(all.begin(), all.end()), "1;2;3;");
  EXPECT_TRUE(queue_.gather(batch).empty()) << "2 bytes are left";
  queue_.note_sent(3, spare_);
  batch.clear();
  const auto rest = queue_.gather(batch);
  EXPECT_EQ(std::string(rest.begin(), rest.end()), ";3;");
  queue_.note_sent(3, spare_);
  EXPECT_TRUE(queue_.empty());
  push(4);
  queue_.note_sent(2, spare_);
  EXPECT_TRUE(queue_.empty());
}

}  // namespace
}  // namespace wscast::net
