// The engine by itself, as an embedding program without a Server uses it.

#include "net/engine.h"

#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "client/blocking_client.h"
#include "client/url.h"
#include "http/response.h"
#include "ws/opening_handshake.h"

namespace wscast::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Echoes; serves one page to who asks for no upgrade.
class Echo final : public Application {
 public:
  explicit Echo(const std::string& page) : page_(page) {}

  http::WireResponse on_request(const Connection&, const http::RequestHead& head) override {
    const ws::UpgradeResult result = ws::validate_upgrade(head);
    if (result.status == 101) return {101, ws::upgrade_response(result)};
    return {200, http::serialize_head({.status = 200}, page_.size()) + page_};
  }
  void on_open(Connection&) override {}
  void on_message(Connection& connection, bool binary, std::string_view payload) override {
    connection.send(ws::make_frame(binary ? ws::Opcode::binary : ws::Opcode::text, payload));
  }
  void on_close(Connection&, std::uint16_t, std::string_view) noexcept override {}

 private:
  const std::string& page_;
};

class EngineTest : public testing::Test {
 protected:
  void start() {
    engine_ = std::make_unique<Engine>(1, options_, system_clock(),
                                       [this](Shard&) { return std::make_unique<Echo>(page_); });
    engine_->start();
    endpoint_ = client::parse_endpoint(engine_->listen(*Endpoint::parse("127.0.0.1:0")).text());
  }
  ~EngineTest() override {
    if (!engine_) return;
    engine_->stop_listening();
    engine_->stop(milliseconds(0));
  }

  TransportOptions options_;
  std::string page_ = "a page";
  std::unique_ptr<Engine> engine_;
  std::optional<client::Endpoint> endpoint_;
};

TEST_F(EngineTest, AClientThatComesAfterALongIdleTimeHasItsWholeTimeForTheRequest) {
  options_.head_timeout = seconds(2);
  start();
  std::this_thread::sleep_for(milliseconds(2'500));  // What is tested is that nothing happens.
  client::BlockingClient client;
  ASSERT_FALSE(client.open(*endpoint_));
  EXPECT_EQ(client.receive_raw(milliseconds(100)), "");
  EXPECT_FALSE(client.upgrade());
}

TEST_F(EngineTest, ASlowReaderOfAPageReceivesAllOfIt) {
  options_.close_timeout = seconds(1);
  page_.assign(250'000, 'x');
  start();
  client::BlockingClient client;
  ASSERT_FALSE(client.open(*endpoint_));
  const int small = 4096;
  ASSERT_EQ(::setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
  ASSERT_TRUE(client.send_raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  std::string all;
  while (all.size() < page_.size()) {
    std::this_thread::sleep_for(milliseconds(60));  // What is slow here is the reader.
    const std::string piece = client.receive_raw();
    if (piece.empty()) break;
    all += piece;
  }
  EXPECT_TRUE(all.ends_with(page_));
}

}  // namespace
}  // namespace wscast::net
