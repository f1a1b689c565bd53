#include "server/upgrade_handler.h"

#include <gtest/gtest.h>

namespace wscast::server {
namespace {

/// An upgrade request, with an origin unless that is empty.
http::WireResponse respond(const std::vector<std::string>& allowed_origins, std::string_view origin,
                           std::string_view version = "13") {
  std::vector<http::HeaderField> fields{{"Host", "example.com"},
                                        {"Upgrade", "websocket"},
                                        {"Connection", "Upgrade"},
                                        {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                                        {"Sec-WebSocket-Version", version}};
  if (!origin.empty()) fields.push_back({"origin", origin});
  return UpgradeHandler(allowed_origins, {})({.method = "GET", .target = "/ws", .fields = fields});
}

// shows: U1
TEST(UpgradeHandler, AcceptsAValidRequestAndRefusesAnother) {
  const http::WireResponse accepted = respond({}, "");
  EXPECT_EQ(accepted.status, 101);
  EXPECT_NE(accepted.bytes.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos);
  const http::WireResponse refused = respond({}, "", "12");
  EXPECT_EQ(refused.status, 426);
  EXPECT_TRUE(refused.bytes.ends_with("Sec-WebSocket-Version must be 13\n"));
}

TEST(UpgradeHandler, RefusesOriginsThatAreNotAllowed) {
  const std::vector<std::string> allowed{"https://a.example", "https://b.example"};
  EXPECT_EQ(respond({}, "https://c.example").status, 101) << "Empty: any.";
  EXPECT_EQ(respond(allowed, "https://b.example").status, 101);
  EXPECT_EQ(respond(allowed, " https://b.example\t").status, 101);
  EXPECT_EQ(respond(allowed, "").status, 101) << "No browser's.";
  EXPECT_EQ(respond(allowed, "https://c.example").status, 403);
  EXPECT_EQ(respond(allowed, "https://b.example", "12").status, 426);
}

}  // namespace
}  // namespace wscast::server
