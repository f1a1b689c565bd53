#include "api/handed_over_queue.h"

#include <memory>

#include <gtest/gtest.h>

#include "net/released_connection.h"
#include "net/stream.h"

namespace wscast::program {
namespace {

/// How many connections of a test ended, and how many of them were refused.
struct Record {
  std::size_t ends = 0;
  std::size_t refusals = 0;
};

class FakeStream final : public net::Stream {
 public:
  net::IoResult read(std::span<std::uint8_t> /*buffer*/) override { return {}; }
  net::IoResult write(std::span<const iovec> /*pieces*/) override { return {}; }
  void shutdown_write() override {}
  void abort() override {}
  std::size_t unacknowledged() const override { return 0; }
  std::string remote_address() const override { return "10.0.0.1"; }
};

class FakeReleased final : public net::ReleasedConnection {
 public:
  explicit FakeReleased(Record& record)
      : ReleasedConnection("GET /api HTTP/1.1"), record_(record) {}
  ~FakeReleased() override { ++record_.ends; }
  net::Stream& stream() override { return stream_; }
  int descriptor() const override { return 77; }
  void note_refused() noexcept override { ++record_.refusals; }
  void go_back(std::string /*received*/) override {}

 private:
  Record& record_;
  FakeStream stream_;
};

class HandedOverQueueTest : public testing::Test {
 protected:
  bool push() { return queue_.push(HandedOverConnection(std::make_unique<FakeReleased>(record_))); }

  Record record_;
  HandedOverQueue queue_;
};

TEST_F(HandedOverQueueTest, OneMoreThanItsRoomIsRefused) {
  for (std::size_t i = 0; i < HandedOverQueue::kMaxWaiting; ++i) ASSERT_TRUE(push());
  EXPECT_EQ(record_.refusals, 0u);
  EXPECT_FALSE(push());
  EXPECT_EQ(record_.refusals, 1u);
  EXPECT_EQ(record_.ends, 1u);
  EXPECT_EQ(queue_.take_all().size(), HandedOverQueue::kMaxWaiting);
  EXPECT_TRUE(push()) << "those that wait were taken";
  EXPECT_EQ(record_.refusals, 1u);
}

TEST_F(HandedOverQueueTest, WhatComesAfterItsEndIsRefused) {
  ASSERT_TRUE(push());
  queue_.close();
  EXPECT_EQ(record_.ends, 1u);
  EXPECT_EQ(record_.refusals, 0u);
  EXPECT_FALSE(push());
  EXPECT_EQ(record_.refusals, 1u);
  EXPECT_EQ(record_.ends, 2u);
}

}  // namespace
}  // namespace wscast::program
