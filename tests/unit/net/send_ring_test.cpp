// A batch of sends by io_uring does what as many calls of send() do.

#include "net/send_ring.h"

#include <sys/socket.h>

#include <array>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "net/fd.h"
#include "net/send_batch.h"
#include "support/break_rings.h"

namespace wscast::net {
namespace {

struct Ends {
  Ends() {
    std::array<int, 2> pair{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()), 0);
    near = Fd(pair[0]);
    far = Fd(pair[1]);
  }

  std::string received() const {
    std::string text(100'000, ' ');
    const ssize_t size = ::recv(far.get(), text.data(), text.size(), MSG_DONTWAIT);
    return text.substr(0, size < 0 ? 0 : static_cast<std::size_t>(size));
  }

  /// As many bytes as the kernel takes.
  void fill() const {
    const std::string bytes(4096, 'x');
    while (::send(near.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) continue;
  }

  Fd near;
  Fd far;
};

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class SendRingTest : public testing::Test {
 protected:
  void SetUp() override {
    try {
      ring_.emplace();
    } catch (const std::system_error& error) {
      GTEST_SKIP() << error.what();
    }
  }

  std::optional<SendRing> ring_;
  SendBatch batch_{{}};
};

TEST_F(SendRingTest, EachSendHasItsOwnResult) {
  const Ends good;
  const Ends full;
  const Ends other;
  Ends gone;
  full.fill();
  gone.far = {};
  const std::string text = "abc";
  for (const int descriptor : {good.near.get(), full.near.get(), gone.near.get(), 1'000'000}) {
    batch_.add(nullptr, descriptor, {.wire = bytes_of(text)});
  }
  const std::string last = "def";
  batch_.add(nullptr, other.near.get(), {.wire = bytes_of(last)});
  ring_->send(batch_);
  const auto sends = batch_.sends();
  EXPECT_EQ(sends[0].result.status, IoStatus::ok);
  EXPECT_EQ(sends[0].result.bytes, 3u);
  EXPECT_EQ(sends[1].result.status, IoStatus::would_block);
  EXPECT_EQ(sends[2].result.status, IoStatus::error);
  EXPECT_EQ(sends[3].result.status, IoStatus::error);
  EXPECT_EQ(sends[4].result.bytes, 3u);
  EXPECT_EQ(good.received(), "abc");
  EXPECT_EQ(other.received(), "def");
}

TEST_F(SendRingTest, ASendMayTakeAPart) {
  const Ends ends;
  const std::string text(10 << 20, 'x');
  batch_.add(nullptr, ends.near.get(), {.wire = bytes_of(text)});
  ring_->send(batch_);
  const IoResult result = batch_.sends()[0].result;
  EXPECT_EQ(result.status, IoStatus::ok);
  EXPECT_GT(result.bytes, 0u);
  EXPECT_LT(result.bytes, text.size());
}

TEST_F(SendRingTest, ManyFullBatchesInOrder) {
  const Ends ends;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < SendBatch::kMost; ++i) texts.push_back(std::to_string(i) + ' ');
  std::string all;
  for (const auto& text : texts) all += text;
  for (int round = 0; round < 100; ++round) {
    batch_.clear();
    for (const auto& text : texts) batch_.add(nullptr, ends.near.get(), {.wire = bytes_of(text)});
    ASSERT_TRUE(batch_.full());
    ring_->send(batch_);
    ASSERT_EQ(ends.received(), all);
  }
}

TEST_F(SendRingTest, OneThatFailsThrowsAndHasTriedNothing) {
  test::break_rings();
  const Ends ends;
  const std::string text = "abc";
  batch_.add(nullptr, ends.near.get(), {.wire = bytes_of(text)});
  EXPECT_THROW(ring_->send(batch_), std::system_error);
  EXPECT_EQ(batch_.sends()[0].result.status, IoStatus::ok);
  EXPECT_EQ(batch_.sends()[0].result.bytes, 0u);
  EXPECT_EQ(ends.received(), "");
}

}  // namespace
}  // namespace wscast::net
