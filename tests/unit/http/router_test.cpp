#include "http/router.h"

#include <array>

#include <gtest/gtest.h>

#include "fake_node_view.h"

namespace wscast::http {
namespace {

class RouterTest : public testing::Test {
 protected:
  WireResponse get(std::string_view target, std::string_view method = "GET") const {
    return router_.route({.method = method, .target = target, .fields = {}});
  }
  WireResponse ask_for_websocket(std::string_view target) const {
    const std::array<HeaderField, 1> fields{{{"Upgrade", "websocket"}}};
    return router_.route({.method = "GET", .target = target, .fields = fields});
  }

  HttpOptions options_{.pages = {{"/", {.body = "home", .headers = {{"ETag", "\"1\""}}}}},
                       .health = true,
                       .handover = {.paths = {"/api"}}};
  FakeNodeView node_;
  Router router_{options_, node_, {"/ws", [](const RequestHead& head) {
                                     return WireResponse{101, std::string(head.target)};
                                   }}};
};

// shows: U1
TEST_F(RouterTest, GivesEachRequestForTheWebSocketPathToItsHandler) {
  EXPECT_EQ(ask_for_websocket("/ws?token=1").bytes, "/ws?token=1");
  EXPECT_EQ(get("/ws").status, 101);
  EXPECT_EQ(get("/ws/").status, 404);
}

TEST_F(RouterTest, ServesPagesWithTheirHeaders) {
  const WireResponse response = get("/?x");
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.bytes.find("\r\nETag: \"1\"\r\n"), std::string::npos);
  EXPECT_NE(response.bytes.find("\r\nContent-Type: text/html; charset=utf-8\r\n"),
            std::string::npos);
  EXPECT_TRUE(response.bytes.ends_with("\r\n\r\nhome"));
}

TEST_F(RouterTest, HeadGetsTheLengthButNoBody) {
  const WireResponse response = get("/", "HEAD");
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.bytes.find("\r\nContent-Length: 4\r\n"), std::string::npos);
  EXPECT_TRUE(response.bytes.ends_with("\r\n\r\n"));
}

TEST_F(RouterTest, ServesStatusRoutesAndTheirStatus) {
  EXPECT_TRUE(get("/health").bytes.ends_with("\r\n\r\nok\n"));
  node_.is_healthy = false;
  EXPECT_EQ(get("/health").status, 503);
}

TEST_F(RouterTest, OtherMethodsGet405AndWhatIsAllowed) {
  for (const char* path : {"/", "/health"}) {
    const WireResponse response = get(path, "POST");
    EXPECT_EQ(response.status, 405) << path;
    EXPECT_NE(response.bytes.find("\r\nAllow: GET, HEAD\r\n"), std::string::npos) << path;
  }
}

TEST_F(RouterTest, HandsOverWhatIsAtAndBelowThePaths) {
  for (const char* target : {"/api", "/api?x", "/api/", "/api/v1/rooms?limit=1"}) {
    for (const char* method : {"GET", "HEAD", "POST", "OPTIONS"}) {
      EXPECT_EQ(get(target, method).status, kHandOver) << target;
    }
    EXPECT_EQ(ask_for_websocket(target).status, kHandOver) << target;
  }
  for (const char* target : {"/apix", "/API", "/%61pi", "//api", "/x/api", "*"}) {
    EXPECT_EQ(get(target).status, 404) << target;
  }
}

TEST_F(RouterTest, HandsNothingOverThatItServes) {
  options_.pages["/api/page"] = {.body = "page"};
  EXPECT_EQ(get("/api/page").status, 200);
  EXPECT_EQ(get("/api/page/").status, kHandOver);
}

// shows: U1
TEST_F(RouterTest, EverythingElseGets404) {
  EXPECT_EQ(get("/other").status, 404);
  EXPECT_TRUE(get("/other", "HEAD").bytes.ends_with("\r\n\r\n"));
  EXPECT_EQ(ask_for_websocket("/").status, 404);
  EXPECT_EQ(ask_for_websocket("/health").status, 404);
}

}  // namespace
}  // namespace wscast::http
