// The defaults of options that the reference has too.

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/options.h"
#include "wscast/server_options.h"

namespace wscast {
namespace {

using std::chrono::milliseconds;

// shows: A-const-WebSocketDefaults, A-const-WebSocketDefaults.MAX_PAYLOAD_LENGTH,
//   A-const-WebSocketDefaults.IDLE_TIMEOUT, A-const-WebSocketDefaults.BACKPRESSURE_LIMIT,
//   A-const-WebSocketDefaults.SEND_PINGS, A-const-WebSocketDefaults.PUBLISH_TO_SELF,
//   A-type-IBunWebSocketConfig
TEST(Defaults, OfTheTransportAreThoseOfTheReference) {
  const TransportOptions options;
  EXPECT_EQ(options.max_payload_length, 131'072u);
  EXPECT_EQ(options.idle_timeout, milliseconds(60'000));
  EXPECT_EQ(options.backpressure_limit, 1'048'576u);
  EXPECT_TRUE(options.send_pings);
  EXPECT_FALSE(options.publish_to_self);
  EXPECT_FALSE(options.close_on_backpressure_limit);
}

TEST(Defaults, T13TheKernelsSendBufferIsKeptSmall) {
  EXPECT_EQ(TransportOptions{}.send_buffer, 256 * 1024);
}

// shows: A-const-WebSocketDefaults.AUTH_TIMEOUT, A-const-WebSocketDefaults.HEARTBEAT_INTERVAL,
//   A-const-WebSocketDefaults.HEARTBEAT_TIMEOUT, A-const-WebSocketDefaults.ENCRYPTED_BATCH_LIMIT
TEST(Defaults, OfSessionsAreThoseOfTheReference) {
  const SessionOptions options;
  EXPECT_EQ(options.auth_timeout, milliseconds(5'000));
  EXPECT_EQ(options.heartbeat_interval, milliseconds(30'000));
  EXPECT_EQ(options.heartbeat_timeout, milliseconds(90'000));
  EXPECT_EQ(options.encrypted_batch_limit, 10u);
  EXPECT_EQ(options.encryption, Encryption::off);
  EXPECT_EQ(options.default_rooms, (std::vector<std::string>{"ws-default", "ws-notification"}));
}

TEST(Defaults, OfTheServerAreThoseOfTheReference) {
  const ServerOptions options;
  EXPECT_EQ(options.path, "/ws");
  EXPECT_EQ(options.broker, nullptr) << "one must be chosen";
}

}  // namespace
}  // namespace wscast
