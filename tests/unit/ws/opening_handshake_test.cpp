#include "ws/opening_handshake.h"

#include <vector>

#include <gtest/gtest.h>

namespace wscast::ws {
namespace {

using Fields = std::vector<http::HeaderField>;

/// A request that is upgraded unless a test spoils it.
struct Request {
  std::string_view method = "GET";
  int version = 11;
  Fields fields{{"Host", "example.com"},
                {"Upgrade", "websocket"},
                {"Connection", "Upgrade"},
                {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                {"Sec-WebSocket-Version", "13"}};

  Request& with(std::string_view name, std::string_view value) {
    fields.push_back({name, value});
    return *this;
  }
  Request& without(std::string_view name) {
    std::erase_if(fields, [name](const http::HeaderField& field) { return field.name == name; });
    return *this;
  }
  Request& but(std::string_view name, std::string_view value) {
    return without(name).with(name, value);
  }
  UpgradeResult validate(const std::vector<std::string>& supported = {}) const {
    return validate_upgrade(
        {.method = method, .target = "/ws", .version = version, .fields = fields}, supported);
  }
};

int status_of(const Request& request) {
  const UpgradeResult result = request.validate();
  EXPECT_EQ(result.reason.empty(), result.status == 101);
  EXPECT_EQ(result.accept_key.empty(), result.status != 101);
  return result.status;
}

int status_with(std::string_view name, std::string_view value) {
  return status_of(Request().with(name, value));
}

int status_but(std::string_view name, std::string_view value) {
  return status_of(Request().but(name, value));
}

int status_without(std::string_view name) {
  return status_of(Request().without(name));
}

TEST(Handshake, AcceptKeyIsTheExampleOfRfc6455Section1_3) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Handshake, AcceptsTheRequestOfRfc6455Section4_2_1) {
  const UpgradeResult result = Request().validate();
  EXPECT_EQ(result.status, 101);
  EXPECT_EQ(result.accept_key, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(result.protocol, "");
}

TEST(Handshake, ReadsHeaderNamesInAnyCase) {
  Request request;
  request.fields = {{"HOST", "x"},
                    {"upgrade", "websocket"},
                    {"CONNECTION", "upgrade"},
                    {"sec-websocket-KEY", "dGhlIHNhbXBsZSBub25jZQ=="},
                    {"SEC-WebSocket-version", "13"}};
  EXPECT_EQ(status_of(request), 101);
}

TEST(Handshake, U1_AnyMethodButGetIs405) {
  for (const char* method : {"POST", "HEAD", "get", "OPTIONS", ""}) {
    Request request;
    request.method = method;
    EXPECT_EQ(status_of(request), 405) << method;
  }
}

TEST(Handshake, U1_MethodIsCheckedBeforeUpgradeAndUpgradeBeforeTheRest) {
  Request request;
  request.method = "POST";
  EXPECT_EQ(status_of(request.without("Upgrade")), 405);
  EXPECT_EQ(status_of(Request().without("Upgrade").without("Connection")), 426);
  EXPECT_EQ(status_of(Request().but("Sec-WebSocket-Version", "8").without("Connection")), 426);
}

TEST(Handshake, U1_UpgradeWithoutTheTokenWebsocketIs426) {
  EXPECT_EQ(status_without("Upgrade"), 426);
  EXPECT_EQ(status_but("Upgrade", "h2c"), 426);
  EXPECT_EQ(status_but("Upgrade", ""), 426);
  EXPECT_EQ(status_but("Upgrade", "websocket2"), 426);
  EXPECT_EQ(status_but("Upgrade", "web socket"), 426);
}

TEST(Handshake, FindsWebsocketInAnyCaseAndAnywhereInTheUpgradeList) {
  EXPECT_EQ(status_but("Upgrade", "WebSocket"), 101);
  EXPECT_EQ(status_but("Upgrade", "h2c,\tWEBSOCKET , x"), 101);
  EXPECT_EQ(status_of(Request().but("Upgrade", "h2c").with("Upgrade", "websocket")), 101);
}

TEST(Handshake, U1_VersionMissingOrAnotherThan13Is426) {
  EXPECT_EQ(status_without("Sec-WebSocket-Version"), 426);
  for (const char* version : {"8", "0", "14", "013", "13.0", "", "13, 8", "+13"}) {
    EXPECT_EQ(status_but("Sec-WebSocket-Version", version), 426) << version;
  }
  EXPECT_EQ(status_but("Sec-WebSocket-Version", " 13\t"), 101);
}

TEST(Handshake, U1_ContradictingVersionsAre400) {
  EXPECT_EQ(status_with("Sec-WebSocket-Version", "8"), 400);
  EXPECT_EQ(
      status_of(Request().but("Sec-WebSocket-Version", "8").with("Sec-WebSocket-Version", "13")),
      400);
  EXPECT_EQ(status_with("Sec-WebSocket-Version", "13"), 101);
}

TEST(Handshake, U1_HttpBelow1_1Is400) {
  Request request;
  request.version = 10;
  EXPECT_EQ(status_of(request), 400);
}

TEST(Handshake, U1_ConnectionWithoutTheTokenUpgradeIs400) {
  EXPECT_EQ(status_without("Connection"), 400);
  EXPECT_EQ(status_but("Connection", "keep-alive"), 400);
  EXPECT_EQ(status_but("Connection", "upgraded"), 400);
}

TEST(Handshake, FindsUpgradeInAnyOfRepeatedConnectionFields) {
  EXPECT_EQ(status_but("Connection", "keep-alive, UPGRADE"), 101);
  EXPECT_EQ(status_of(Request().but("Connection", "keep-alive").with("Connection", "upgrade")),
            101);
}

TEST(Handshake, U1_KeyThatIsNotOneBase64Of16BytesIs400) {
  EXPECT_EQ(status_without("Sec-WebSocket-Key"), 400);
  EXPECT_EQ(status_with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), 400);  // repeated
  for (const char* key : {
           "",
           "dGhlIHNhbXBsZSBub25jZQ",     // not padded
           "dGhlIHNhbXBsZSBub25jZR==",   // unused bits
           "dGhlIHNhbXBsZSBub25jZSE=",   // 17 bytes
           "dGhlIHNhbXBsZSBub25j",       // 15 bytes
           "dGhlIHNhbXBsZSBub25j_Q==",   // other alphabet
           "dGhlIHNhbXBs ZSBub25jZQ==",  // blank inside
           "dGhlIHNhbXBsZSBub25jZQ==,x",
       }) {
    EXPECT_EQ(status_but("Sec-WebSocket-Key", key), 400) << key;
  }
}

TEST(Handshake, U1_AnAnnouncedBodyIs400) {
  EXPECT_EQ(status_with("Content-Length", "1"), 400);
  EXPECT_EQ(status_with("Content-Length", ""), 400);
  EXPECT_EQ(status_with("Transfer-Encoding", "chunked"), 400);
  EXPECT_EQ(status_with("Transfer-Encoding", ""), 400);
  EXPECT_EQ(status_of(Request().with("Content-Length", "0").with("content-length", "2")), 400);
  EXPECT_EQ(status_with("Content-Length", "0"), 101);
}

TEST(Handshake, U1_MalformedExtensionsAre400) {
  EXPECT_EQ(status_with("Sec-WebSocket-Extensions", "permessage-deflate;"), 400);
  EXPECT_EQ(status_with("Sec-WebSocket-Extensions", ""), 400);
  EXPECT_EQ(
      status_of(
          Request().with("Sec-WebSocket-Extensions", "foo").with("Sec-WebSocket-Extensions", "=")),
      400);
}

TEST(Handshake, DeclinesEveryExtension) {
  const UpgradeResult result =
      Request().with("Sec-WebSocket-Extensions", "permessage-deflate; x, foo").validate();
  EXPECT_EQ(result.status, 101);
  EXPECT_EQ(upgrade_response(result).find("Extensions"), std::string::npos);
}

TEST(Handshake, U1_MalformedProtocolsAre400) {
  for (const char* protocols : {"", ",", "a,", ",a", "a,,b", "a b", "a, a", "a;b", "\"a\""}) {
    EXPECT_EQ(status_with("Sec-WebSocket-Protocol", protocols), 400) << protocols;
  }
  EXPECT_EQ(
      status_of(
          Request().with("Sec-WebSocket-Protocol", "a, b").with("Sec-WebSocket-Protocol", "a")),
      400);
}

TEST(Handshake, U3_EchoesTheFirstProtocolOffered) {
  EXPECT_EQ(Request().with("Sec-WebSocket-Protocol", "chat, superchat").validate().protocol,
            "chat");
  EXPECT_EQ(Request()
                .with("Sec-WebSocket-Protocol", "b")
                .with("sec-websocket-protocol", "a")
                .validate()
                .protocol,
            "b");
}

TEST(Handshake, U3_ChoosesTheFirstOfferThatIsSupported) {
  const auto request =
      Request().with("Sec-WebSocket-Protocol", "x, b").with("Sec-WebSocket-Protocol", "a");
  EXPECT_EQ(request.validate({"a", "b"}).protocol, "b");
  EXPECT_EQ(request.validate({"a"}).protocol, "a");
}

TEST(Handshake, U3_ChoosesNoneWhenNoneIsSupportedOrOffered) {
  const UpgradeResult result =
      Request().with("Sec-WebSocket-Protocol", "x, A").validate({"a", "b"});
  EXPECT_EQ(result.status, 101);
  EXPECT_EQ(result.protocol, "");
  EXPECT_EQ(Request().validate({"a"}).protocol, "");
}

TEST(Handshake, WritesTheResponseOfRfc6455Section4_2_2) {
  EXPECT_EQ(upgrade_response(Request().validate()),
            "HTTP/1.1 101 Switching Protocols\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            "\r\n");
  EXPECT_EQ(upgrade_response({.accept_key = "k", .protocol = "chat"}),
            "HTTP/1.1 101 Switching Protocols\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Accept: k\r\n"
            "Sec-WebSocket-Protocol: chat\r\n"
            "\r\n");
}

TEST(Handshake, SaysInWordsWhatIsWrong) {
  EXPECT_EQ(Request().without("Sec-WebSocket-Key").validate().reason, "Missing Sec-WebSocket-Key");
}

}  // namespace
}  // namespace wscast::ws
