#include "net/flush_queue.h"

#include <array>
#include <cstddef>

#include <gtest/gtest.h>

namespace wscast::net {
namespace {

/// The queue only keeps addresses.
class FlushQueueTest : public testing::Test {
 protected:
  Connection& connection(std::size_t i) { return reinterpret_cast<Connection&>(memory_[i]); }

  std::array<std::byte, 8> memory_{};
  FlushQueue queue_;
};

TEST_F(FlushQueueTest, FirstComeFirstServed) {
  queue_.reserve(4);
  EXPECT_TRUE(queue_.empty());
  for (std::size_t i = 0; i < 3; ++i) queue_.push(connection(i));
  EXPECT_EQ(&queue_.next(), &connection(0));
  EXPECT_EQ(queue_.second(), &connection(1));
  queue_.advance();
  queue_.forget_taken();
  queue_.advance();
  EXPECT_EQ(&queue_.next(), &connection(2));
  EXPECT_EQ(queue_.second(), nullptr);
  EXPECT_EQ(queue_.size(), 1u);
  queue_.advance();
  EXPECT_TRUE(queue_.empty());
}

TEST_F(FlushQueueTest, WhatWasTakenMakesRoom) {
  queue_.reserve(4);
  for (std::size_t i = 0; i < 4; ++i) queue_.push(connection(i));
  for (std::size_t i = 0; i < 100; ++i) {
    ASSERT_EQ(&queue_.next(), &connection(i % 4));
    queue_.advance();
    queue_.push(connection(i % 4));
    ASSERT_EQ(queue_.size(), 4u);
  }
}

}  // namespace
}  // namespace wscast::net
