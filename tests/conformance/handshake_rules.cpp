#include "conformance/harness.h"

namespace wscast::conformance {
namespace {

/// The valid request with one thing in it replaced.
std::string changed(std::string_view from, std::string_view to) {
  std::string out = request();
  return out.replace(out.find(from), from.size(), to);
}

const std::vector<std::string> kUpgraded{"HTTP 101"};

std::vector<std::string> refused(int status) {
  return {"HTTP " + std::to_string(status), "end"};
}

constexpr std::string_view kKey = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
constexpr std::string_view kConnection = "Connection: Upgrade\r\n";
constexpr std::string_view kUpgrade = "Upgrade: websocket\r\n";
constexpr std::string_view kVersion = "Sec-WebSocket-Version: 13\r\n";
constexpr std::string_view kHost = "Host: server.example.com\r\n";

std::vector<Rule> accepted() {
  return {
      {"S4_2_1_AValidRequestIsUpgraded", request(), kUpgraded},
      {"S4_2_1_HeaderNamesIgnoreCase", changed("Sec-WebSocket-Key", "sEC-wEBsOCKET-kEY"),
       kUpgraded},
      {"S4_2_1_UpgradeIgnoresCase", changed("websocket", "WebSocket"), kUpgraded},
      {"S4_2_1_UpgradeMayBeAList", changed("websocket", "h2c, websocket"), kUpgraded},
      {"S4_2_1_ConnectionIgnoresCase", changed("Connection: Upgrade", "Connection: uPGRADE"),
       kUpgraded},
      {"S4_2_1_ConnectionMayBeAList",
       changed("Connection: Upgrade", "Connection: keep-alive, Upgrade"), kUpgraded},
      {"S4_2_1_ConnectionMayBeRepeated",
       changed(kConnection, "Connection: keep-alive\r\nConnection: Upgrade\r\n"), kUpgraded},
      {"S4_2_1_WhiteSpaceAroundValuesIsNothing",
       changed("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version:  \t13 "), kUpgraded},
      {"S4_2_1_OriginIsOptional", request("Origin: http://example.com\r\n"), kUpgraded},
      {"S4_2_1_AQueryIsFine", changed("/chat", "/chat?room=lobby"), kUpgraded},
      {"S4_2_1_OtherFieldsAreFine", request("Cookie: a=b\r\nUser-Agent: x\r\n"), kUpgraded},
      {"S4_2_1_AnEmptyBodyIsNone", request("Content-Length: 0\r\n"), kUpgraded},
      {"S4_2_1_AnAbsoluteTargetIsTaken", changed("/chat", "http://server.example.com/chat"),
       kUpgraded},
      {"S4_2_2_FramesMayFollowInTheSameSegment",
       request() + text("early"),
       {"HTTP 101", "text early"}},
      {"S9_1_ExtensionsAreDeclined",
       request("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"),
       kUpgraded},
      {"S9_1_SeveralExtensionFieldsAreFine",
       request("Sec-WebSocket-Extensions: a; b=\"c\"\r\nSec-WebSocket-Extensions: d\r\n"),
       kUpgraded},
      {"S11_3_4_SubProtocolsMayBeOffered", request("Sec-WebSocket-Protocol: chat, superchat\r\n"),
       kUpgraded},
      {"S11_3_4_SubProtocolFieldsMayBeRepeated",
       request("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: superchat\r\n"), kUpgraded},
  };
}

std::vector<Rule> refused_by_websocket() {
  return {
      {"S4_2_1_PostIs405", changed("GET", "POST"), refused(405)},
      {"S4_2_1_PutIs405", changed("GET", "PUT"), refused(405)},
      {"S4_2_1_WithoutUpgradeIs426", changed(kUpgrade, ""), refused(426)},
      {"S4_2_1_AnotherUpgradeIs426", changed("websocket", "h2c"), refused(426)},
      {"S4_2_1_AnUpgradeThatOnlyContainsTheWordIs426", changed("websocket", "websocket2"),
       refused(426)},
      {"S4_4_Version8Is426", changed("Version: 13", "Version: 8"), refused(426)},
      {"S4_4_Version14Is426", changed("Version: 13", "Version: 14"), refused(426)},
      {"S4_4_VersionThatIsNoNumberIs426", changed("Version: 13", "Version: x"), refused(426)},
      {"S4_2_1_WithoutVersionIs426", changed(kVersion, ""), refused(426)},
      {"S4_2_1_TwoVersionsAre400", request("Sec-WebSocket-Version: 8\r\n"), refused(400)},
      {"S4_2_1_WithoutConnectionIs400", changed(kConnection, ""), refused(400)},
      {"S4_2_1_AnotherConnectionIs400", changed("Connection: Upgrade", "Connection: close"),
       refused(400)},
      {"S4_2_1_WithoutKeyIs400", changed(kKey, ""), refused(400)},
      {"S4_2_1_TwoKeysAre400", request(kKey), refused(400)},
      {"S4_2_1_AnEmptyKeyIs400", changed("dGhlIHNhbXBsZSBub25jZQ==", ""), refused(400)},
      {"S4_2_1_AShortKeyIs400", changed("dGhlIHNhbXBsZSBub25jZQ==", "dGhl"), refused(400)},
      {"S4_2_1_ALongKeyIs400", changed("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZSBsb25n"),
       refused(400)},
      {"S4_2_1_AKeyThatIsNoBase64Is400",
       changed("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j*Q=="), refused(400)},
      {"S4_2_1_Http10Is400", changed("HTTP/1.1", "HTTP/1.0"), refused(400)},
      {"S4_2_1_ABodyIs400", request("Content-Length: 5\r\n") + "hello", refused(400)},
      {"S4_2_1_AChunkedBodyIs400", request("Transfer-Encoding: chunked\r\n"), refused(400)},
      {"S11_3_4_AnEmptySubProtocolIs400", request("Sec-WebSocket-Protocol: a,,b\r\n"),
       refused(400)},
      {"S11_3_4_ASubProtocolTwiceIs400", request("Sec-WebSocket-Protocol: a, a\r\n"), refused(400)},
      {"S11_3_4_ASubProtocolThatIsNoTokenIs400", request("Sec-WebSocket-Protocol: a b\r\n"),
       refused(400)},
      {"S9_1_ExtensionsOutsideTheGrammarAre400", request("Sec-WebSocket-Extensions: a; =b\r\n"),
       refused(400)},
  };
}

/// RFC 6455 section 4.1 asks for a valid HTTP request (RFC 7230).
std::vector<Rule> refused_by_http() {
  return {
      {"S4_2_1_WithoutHostIs400", changed(kHost, ""), refused(400)},
      {"S4_2_1_TwoHostsAre400", request(kHost), refused(400)},
      {"S4_2_1_AnotherHttpVersionIs400", changed("HTTP/1.1", "HTTP/2.0"), refused(400)},
      {"S4_2_1_NoHttpAtAllIs400", "\x16\x03\x01\x02" + request(), refused(400)},
      {"S4_2_1_AFoldedLineIs400", request("X: a\r\n b\r\n"), refused(400)},
      {"S4_2_1_ASpaceBeforeTheColonIs400", request("X : a\r\n"), refused(400)},
      {"S4_2_1_AFieldWithoutAColonIs400", request("X\r\n"), refused(400)},
      {"S4_2_1_ANulIs400", request(std::string_view("X: a\0b\r\n", 8)), refused(400)},
      {"S4_2_1_ABareLineFeedIs400", request("X: a\nY: b\r\n"), refused(400)},
      {"S4_2_1_TwoLengthsAre400", request("Content-Length: 1\r\nContent-Length: 2\r\n"),
       refused(400)},
      {"S4_2_1_LengthAndChunksAre400",
       request("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), refused(400)},
      {"S4_2_1_AnUnknownTransferEncodingIs400", request("Transfer-Encoding: xchunked\r\n"),
       refused(400)},
      {"S4_2_1_AnEmptyRequestLineIs400", " / HTTP/1.1\r\n\r\n", refused(400)},
      {"S10_AHeadOver16KiBIs431", request("X: " + std::string(17'000, 'x') + "\r\n"), refused(431)},
  };
}

}  // namespace

std::vector<Rule> handshake_rules() {
  std::vector<Rule> rules = accepted();
  for (const auto& others : {refused_by_websocket(), refused_by_http()}) {
    rules.insert(rules.end(), others.begin(), others.end());
  }
  return rules;
}

}  // namespace wscast::conformance
