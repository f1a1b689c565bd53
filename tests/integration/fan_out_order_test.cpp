// Who waits while a large fan-out is written.

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "client/blocking_client.h"
#include "client/url.h"
#include "net/engine.h"
#include "ws/opening_handshake.h"

namespace wscast::net {
namespace {

constexpr std::size_t kMembers = 300;

/// In which order the connections were written to, each by its number.
class Writes final : public StreamLayer {
 public:
  std::unique_ptr<Stream> wrap(Stream& below, Counters&) const override {
    return std::make_unique<Noting>(below, *this, made_++);
  }

  void forget() {
    const std::lock_guard lock(mutex_);
    order_.clear();
  }

  /// How many were written to before the connection `number`.
  std::size_t before(std::size_t number) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::find(order_, number) - order_.begin());
  }

 private:
  class Noting final : public Stream {
   public:
    Noting(Stream& below, const Writes& writes, std::size_t number)
        : below_(below), writes_(writes), number_(number) {}
    IoResult read(std::span<std::uint8_t> into) override { return below_.read(into); }
    IoResult write(std::span<const iovec> pieces) override {
      const std::lock_guard lock(writes_.mutex_);
      writes_.order_.push_back(number_);
      return below_.write(pieces);
    }
    void shutdown_write() override { below_.shutdown_write(); }
    std::size_t unacknowledged() const override { return below_.unacknowledged(); }
    void abort() override { below_.abort(); }
    std::string remote_address() const override { return {}; }

   private:
    Stream& below_;
    const Writes& writes_;
    const std::size_t number_;
  };

  mutable std::size_t made_ = 0;  // On the one shard.
  mutable std::mutex mutex_;
  mutable std::vector<std::size_t> order_;
};

/// A message of anybody goes to all but the last client, then another one to the last.
class Room final : public Application {
 public:
  explicit Room(Shard& shard) : shard_(shard) {}

  http::WireResponse on_request(const Connection&, const http::RequestHead& head) override {
    return {101, ws::upgrade_response(ws::validate_upgrade(head))};
  }
  void on_open(Connection& connection) override {
    clients_.push_back(&connection);
    connection.trust(false);
  }
  void on_message(Connection&, bool, std::string_view) override {
    shard_.begin_fan_out();
    const ws::FrameRef frame = ws::make_frame(ws::Opcode::text, "to all");
    for (std::size_t i = 0; i + 1 < clients_.size(); ++i) clients_[i]->send(frame);
    shard_.end_fan_out();
    clients_.back()->send(ws::make_frame(ws::Opcode::text, "to one"));
  }
  void on_close(Connection&, std::uint16_t, std::string_view) noexcept override {}

 private:
  Shard& shard_;
  std::vector<Connection*> clients_;
};

TEST(FanOutOrder, WhatIsSentToOneClientWaitsForTheFirstOfALargeFanOutOnly) {
  const TransportOptions options{};
  Engine engine(1, options, system_clock(),
                [](Shard& shard) { return std::make_unique<Room>(shard); });
  engine.start();
  const auto writes = std::make_shared<Writes>();
  const auto address =
      client::parse_endpoint(engine.listen(*Endpoint::parse("127.0.0.1:0"), {}, writes).text());
  std::vector<client::BlockingClient> clients(kMembers + 1);
  for (auto& one : clients) ASSERT_FALSE(one.connect(*address));
  writes->forget();
  ASSERT_TRUE(clients[0].send_text("go"));
  EXPECT_EQ(clients[kMembers].receive().payload, "to one");
  for (std::size_t i = 0; i < kMembers; ++i) ASSERT_EQ(clients[i].receive().payload, "to all");
  EXPECT_EQ(writes->before(kMembers), 64u);
  engine.stop_listening();
  engine.stop(std::chrono::milliseconds(0));
}

}  // namespace
}  // namespace wscast::net
