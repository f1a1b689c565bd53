#include "conformance/harness.h"

namespace wscast::conformance {
namespace {

using Seen = std::vector<std::string>;
using namespace std::string_literals;

constexpr std::size_t kMaxPayload = 70'000;  // Of Peer.

const std::string kAccepted =
    "HTTP 101 permessage-deflate; server_no_context_takeover; client_no_context_takeover";

std::string offering(std::string_view offers) {
  return request("Sec-WebSocket-Extensions: " + std::string(offers) + "\r\n");
}

// Frames with RSV1 set, whose payload is `payload`.
std::string text1(std::string_view payload, bool fin = true) {
  return frame(fin ? 0xc1 : 0x41, payload);
}
std::string binary1(std::string_view payload, bool fin = true) {
  return frame(fin ? 0xc2 : 0x42, payload);
}

const std::string kHello = "\xf2\x48\xcd\xc9\xc9\x07\x00"s;

struct NamedOffer {
  const char* name;
  const char* offer;
  const char* answer;  ///< What the response says behind kAccepted.
};

void add_accepted_offers(std::vector<Rule>& rules) {
  for (const auto& [name, offer, answer] : std::vector<NamedOffer>{
           {"D7_1_AnOfferWithoutParametersIsAccepted", "permessage-deflate", ""},
           {"D7_1_1_1_ServerNoContextTakeoverIsAccepted",
            "permessage-deflate; server_no_context_takeover", ""},
           {"D7_1_1_2_ClientNoContextTakeoverIsAccepted",
            "permessage-deflate; client_no_context_takeover", ""},
           {"D7_1_2_2_ClientMaxWindowBitsMayHaveNoValue",
            "permessage-deflate; client_max_window_bits", ""},
           {"D5_2_AValueMayBeQuoted", "permessage-deflate; server_max_window_bits=\"10\"",
            "; server_max_window_bits=10"},
           {"D7_1_AllParametersTogether",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
            "server_max_window_bits=12; client_max_window_bits=11",
            "; server_max_window_bits=12; client_max_window_bits=11"},
           {"D5_1_TheFirstThatFitsIsAccepted",
            "permessage-deflate; server_max_window_bits=9, permessage-deflate",
            "; server_max_window_bits=9"},
           {"D5_1_AnOfferThatDoesNotFitIsPassedOver",
            "permessage-deflate; server_max_window_bits=8, permessage-deflate", ""},
           {"D5_1_OtherExtensionsArePassedOver", "foo; a=1, permessage-deflate, bar", ""}}) {
    rules.push_back({name, offering(offer) + text1(kHello), {kAccepted + answer, "text Hello"}});
  }
  for (const auto* side : {"server", "client"}) {
    for (int bits = side[0] == 's' ? 9 : 8; bits <= 15; ++bits) {
      const std::string window =
          "; " + std::string(side) + "_max_window_bits=" + std::to_string(bits);
      rules.push_back({"D7_1_2_A"s + side + "WindowOf" + std::to_string(bits) + "IsAccepted",
                       offering("permessage-deflate" + window) + text1(kHello),
                       {kAccepted + window, "text Hello"}});
    }
  }
}

void add_declined_offers(std::vector<Rule>& rules) {
  for (const auto& [name, parameter] : std::vector<std::pair<const char*, const char*>>{
           {"D7_1_AnUnknownParameterIsDeclined", "foo"},
           {"D7_1_ARepeatedParameterIsDeclined",
            "server_no_context_takeover; server_no_context_takeover"},
           {"D7_1_ARepeatedWindowIsDeclined", "client_max_window_bits; client_max_window_bits=9"},
           {"D7_1_1_1_ServerNoContextTakeoverHasNoValue", "server_no_context_takeover=true"},
           {"D7_1_1_2_ClientNoContextTakeoverHasNoValue", "client_no_context_takeover=1"},
           {"D7_1_2_1_AServerWindowNeedsAValue", "server_max_window_bits"},
           {"D7_1_2_1_AServerWindowOf8IsDeclined", "server_max_window_bits=8"},
           {"D7_1_2_1_AServerWindowOf7IsDeclined", "server_max_window_bits=7"},
           {"D7_1_2_1_AServerWindowOf16IsDeclined", "server_max_window_bits=16"},
           {"D7_1_2_1_ALeadingZeroIsDeclined", "server_max_window_bits=09"},
           {"D7_1_2_2_AClientWindowOf7IsDeclined", "client_max_window_bits=7"},
           {"D7_1_2_2_AClientWindowOf16IsDeclined", "client_max_window_bits=16"},
           {"D7_1_2_2_AClientWindowIsANumber", "client_max_window_bits=x"}}) {
    rules.push_back({name,
                     offering("permessage-deflate; "s + parameter) + text("plain"),
                     {"HTTP 101", "text plain"}});
  }
  rules.push_back({"D6_WithoutAgreementRsv1Fails",
                   offering("permessage-deflate; server_max_window_bits=8") + text1(kHello),
                   {"HTTP 101", "close 1002", "end"}});
}

void add_messages(std::vector<Rule>& rules) {
  const auto add = [&rules](const char* name, const std::string& input, Seen seen) {
    seen.insert(seen.begin(), kAccepted);
    rules.push_back({name, offering("permessage-deflate") + input, std::move(seen)});
  };
  const Seen hello{"text Hello"};
  add("D7_2_3_1_OneBlock", text1(kHello), hello);
  add("D7_2_3_1_OneBlockInTwoFragments", text1("\xf2\x48\xcd", false) + more("\xc9\xc9\x07\x00"s),
      hello);
  add("D7_2_3_2_TwoMessagesAreReadEachByItself", text1(kHello) + text1(kHello),
      {"text Hello", "text Hello"});
  add("D7_2_3_2_ContextTakeoverWasNotAgreed", text1(kHello) + text1("\xf2\x00\x11\x00\x00"s),
      {"text Hello", "close 1007", "end"});
  add("D7_2_3_3_ABlockWithoutCompression", text1("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s),
      hello);
  add("D7_2_3_4_AFinalBlock", text1("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s), hello);
  add("D7_2_3_4_AFinalBlockWithoutTheByteBehind", text1("\xf3\x48\xcd\xc9\xc9\x07\x00"s), hello);
  add("D7_2_3_4_BlocksBehindAFinalOne", text1("\xf3\x48\xcd\xc9\xc9\x07\x00"s + kHello),
      {"text HelloHello"});
  add("D7_2_3_4_AMessageBehindAFinalBlock",
      text1("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s) + text1(kHello), {"text Hello", "text Hello"});
  add("D7_2_3_5_TwoBlocks", text1("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s), hello);
  add("D7_2_3_6_AnEmptyMessage", text1("\x00"s), {"text "});
  add("D7_2_3_6_AnEmptyLastFragment", text1(kHello.substr(0, 6), false) + more("\x00"s), hello);
  add("D7_2_2_AnEmptyPayloadIsAnEmptyMessage", text1(""), {"text "});
  add("D7_2_2_EmptyFragmentsBetween",
      text1("", false) + more("", false) + more(kHello, false) + more(""), hello);
  add("D7_2_2_ABinaryMessage", binary1(kHello), {"binary Hello"});
  add("D6_UncompressedMessagesMayComeBetween", text("a") + text1(kHello) + binary("b"),
      {"text a", "text Hello", "binary b"});
  add("D6_1_ControlFramesMayComeBetweenFragments",
      text1(kHello.substr(0, 2), false) + ping("p") + more(kHello.substr(2)),
      {"pong p", "text Hello"});
  add("D6_1_Rsv1OnAContinuationFails", text1(kHello, false) + frame(0xc0, ""),
      {"close 1002", "end"});
  add("D6_1_Rsv1OnAContinuationOfAPlainMessageFails", text("a", false) + frame(0xc0, kHello),
      {"close 1002", "end"});
  for (const auto& [kind, first] :
       {std::pair("Ping", 0xc9), std::pair("Pong", 0xca), std::pair("Close", 0xc8)}) {
    add(("D6_Rsv1OnA"s + kind + "Fails").c_str(), frame(static_cast<std::uint8_t>(first), ""),
        {"close 1002", "end"});
  }
  for (const auto& [rsv, first] :
       {std::pair("2", 0xa1), std::pair("3", 0x91), std::pair("12", 0xe1), std::pair("13", 0xd1)}) {
    add(("D6_Rsv"s + rsv + "Fails").c_str(), frame(static_cast<std::uint8_t>(first), kHello),
        {"close 1002", "end"});
  }
}

void add_bad_messages(std::vector<Rule>& rules) {
  const auto add = [&rules](const char* name, const std::string& input, Seen seen) {
    seen.insert(seen.begin(), kAccepted);
    rules.push_back({name, offering("permessage-deflate") + input, std::move(seen)});
  };
  const Seen invalid{"close 1007", "end"};
  const Seen too_big{"close 1009", "end"};
  add("D7_2_2_WhatIsNoDeflateDataFails", text1("Hello"), invalid);
  add("D7_2_2_AnUnknownKindOfBlockFails", text1("\xff\xff"), invalid);
  add("D7_2_2_AMessageThatEndsInsideABlockFails", text1(kHello.substr(0, 4)), invalid);
  add("D7_2_2_ATailThatWasNotRemovedFails", text1(kHello + "\x00\x00\xff\xff"s), invalid);
  add("D7_2_2_ALengthThatIsNotItsComplementFails", binary1("\x00\x05\x00\x05\x00xxxxx\x00"s),
      invalid);
  add("S8_1_InvalidUtf8InsideFails", text1(deflated("\xc0\xaf")), invalid);
  add("S8_1_TextThatEndsInsideACharacterFails", text1(deflated("\xe2\x82")), invalid);
  add("S8_1_BinaryIsAnyBytes", binary1(deflated("\xc0\xaf")), {"binary \xc0\xaf"});
  add("S8_1_ACharacterMayBeCutInsideCompressedData",
      text1(deflated("\xe2\x82\xac").substr(0, 2), false) +
          more(deflated("\xe2\x82\xac").substr(2)),
      {"text \xe2\x82\xac"});
  const std::string most(kMaxPayload, 'x');
  add("S7_4_1_TheLimitCountsInflatedBytes", binary1(deflated(most)),
      {shown("deflated binary", most)});
  add("S7_4_1_OverTheLimitInflatedFails", binary1(deflated(most + "x")), too_big);
  add("S7_4_1_ABombIsStopped", binary1(deflated(std::string(20'000'000, 'x'))), too_big);
  add("S7_4_1_TheLimitCountsCompressedBytes",
      binary1(std::string(60'000, '\0'), false) + more(std::string(10'001, '\0')).substr(0, 8),
      too_big);
}

void add_sent_messages(std::vector<Rule>& rules) {
  const std::string long_text(500, 'a');
  for (const auto& [bits, kind] :
       {std::pair(9, "Least"), std::pair(12, "Middle"), std::pair(15, "Most")}) {
    const std::string window = "; server_max_window_bits=" + std::to_string(bits);
    rules.push_back({"D7_2_1_SendsWithinThe"s + kind + "Window",
                     offering("permessage-deflate" + window) + text1(deflated(long_text, 9)),
                     {kAccepted + window, shown("deflated text", long_text)}});
  }
  const auto add = [&rules](const char* name, const std::string& input, Seen seen) {
    seen.insert(seen.begin(), kAccepted);
    rules.push_back({name, offering("permessage-deflate") + input, std::move(seen)});
  };
  add("D6_AShortMessageIsSentAsItIs", text(std::string(127, 'a')),
      {shown("text", std::string(127, 'a'))});
  add("D6_APlainMessageMayBeAnsweredCompressed", text(long_text),
      {shown("deflated text", long_text)});
  add("D6_APongIsNeverCompressed", ping(std::string(125, 'p')),
      {shown("pong", std::string(125, 'p'))});
  add("D6_ACloseIsNeverCompressed", close(1000, std::string(123, 'r')),
      {"close 1000 " + std::string(123, 'r'), "end"});
  std::string noise;
  for (unsigned i = 0, x = 1; i < 300; ++i) noise += static_cast<char>((x = x * 69069 + 1) >> 24);
  add("D6_WhatDoesNotBecomeSmallerIsSentAsItIs", binary(noise), {shown("binary", noise)});
}

}  // namespace

std::vector<Rule> deflate_rules() {
  std::vector<Rule> rules;
  add_accepted_offers(rules);
  add_declined_offers(rules);
  add_messages(rules);
  add_bad_messages(rules);
  add_sent_messages(rules);
  return rules;
}

}  // namespace wscast::conformance
