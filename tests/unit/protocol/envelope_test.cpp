#include "protocol/envelope.h"

#include <gtest/gtest.h>

namespace wscast::protocol {
namespace {

EnvelopeStatus status(std::string_view text) {
  return parse_envelope(text).status;
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(Envelope, ReadsEventDataAndId) {
  const auto parsed = parse_envelope(R"( {"id":"7","data": {"a" : 1} ,"event":"moved"} )");
  ASSERT_EQ(parsed.status, EnvelopeStatus::ok);
  EXPECT_EQ(parsed.envelope.event, "moved");
  EXPECT_EQ(parsed.envelope.data, R"({"a" : 1})");
  EXPECT_EQ(parsed.envelope.id, R"("7")");
}

TEST(Envelope, TellsAbsentDataFromNull) {
  EXPECT_EQ(parse_envelope(R"({"event":"a"})").envelope.data, std::nullopt);
  EXPECT_EQ(parse_envelope(R"({"event":"a","data":null})").envelope.data, "null");
}

TEST(Envelope, M1_WhatIsNoJsonIsInvalid) {
  for (const auto* text : {"", "hello", "{", R"({"event":"a")", R"({"event":"a"}x)",
                           R"({"event":"a","data":nope})", R"({"event":"a","data":01})",
                           R"({"event":"a","data":"\q"})", R"({'event':'a'})", "\xef\xbb\xbf{}"}) {
    EXPECT_EQ(status(text), EnvelopeStatus::invalid) << text;
  }
}

TEST(Envelope, M2_JsonThatIsNoObjectIsMalformed) {
  for (const auto* text : {"null", "true", "0", R"("event")", "[]", R"([{"event":"a"}])"}) {
    EXPECT_EQ(status(text), EnvelopeStatus::malformed) << text;
  }
}

TEST(Envelope, M2_AnEventThatIsNoNonEmptyStringIsMalformed) {
  for (const auto* text :
       {"{}", R"({"event":""})", R"({"event":null})", R"({"event":1})", R"({"event":{}})",
        R"({"event":["a"]})", R"({"event":true})", R"({"data":"event"})", R"({"Event":"a"})",
        R"({"data":{"event":"a"}})"}) {
    EXPECT_EQ(status(text), EnvelopeStatus::malformed) << text;
  }
}

TEST(Envelope, M11_TheLastEventAndTheLastDataCount) {
  const auto parsed =
      parse_envelope(R"({"event":"a","data":1,"ev\u0065nt":"b","data":2,"\u0064ata":3})");
  ASSERT_EQ(parsed.status, EnvelopeStatus::ok);
  EXPECT_EQ(parsed.envelope.event, "b");
  EXPECT_EQ(parsed.envelope.data, "3");
  EXPECT_EQ(status(R"({"event":"a","event":1})"), EnvelopeStatus::malformed);
  EXPECT_EQ(status(R"({"event":1,"event":"a"})"), EnvelopeStatus::ok);
}

TEST(Envelope, TheEventIsUnescaped) {
  EXPECT_EQ(parse_envelope(R"({"event":"\u006aoin\n\ud83d\ude00"})").envelope.event,
            "join\n\xf0\x9f\x98\x80");
}

TEST(Envelope, M15_TheEnvelopeItselfIsOneLevel) {
  const auto message = [](std::size_t depth) {
    return R"({"event":"a","data":)" + nested(depth - 1) + "}";
  };
  EXPECT_EQ(status(message(255)), EnvelopeStatus::ok);
  EXPECT_EQ(status(message(256)), EnvelopeStatus::ok);
  EXPECT_EQ(status(message(257)), EnvelopeStatus::invalid);
  EXPECT_EQ(status(message(100'000)), EnvelopeStatus::invalid);
  EXPECT_EQ(status(nested(257)), EnvelopeStatus::invalid);
  EXPECT_EQ(parse_envelope(message(5), 4).status, EnvelopeStatus::invalid);
  EXPECT_EQ(parse_envelope(message(4), 4).status, EnvelopeStatus::ok);
}

TEST(Envelope, M16_ALoneSurrogateIsFineInDataButNotInTheEvent) {
  const auto parsed = parse_envelope(R"({"event":"a","data":"\ud800","\udc00":1})");
  ASSERT_EQ(parsed.status, EnvelopeStatus::ok);
  EXPECT_EQ(parsed.envelope.data, R"("\ud800")");
  EXPECT_EQ(status(R"({"event":"a\ud800"})"), EnvelopeStatus::malformed);
  EXPECT_EQ(status(R"({"event":"\udc00\ud800"})"), EnvelopeStatus::malformed);
}

TEST(Envelope, D15_WritesEventThenData) {
  EXPECT_EQ(make_envelope({"moved", R"({"x":1})"}), R"({"event":"moved","data":{"x":1}})");
  EXPECT_EQ(make_envelope({"a", "null"}), R"({"event":"a","data":null})");
  EXPECT_EQ(make_envelope({"\"\n", "1"}), R"({"event":"\"\n","data":1})");
}

TEST(Envelope, AnIdStandsBehindTheData) {
  EXPECT_EQ(make_envelope({"ack", "1", "\"x\""}), R"({"event":"ack","data":1,"id":"x"})");
  EXPECT_EQ(make_envelope({"ack", std::nullopt, "7"}), R"({"event":"ack","id":7})");
}

TEST(Envelope, D15_NoDataGivesNoDataKey) {
  EXPECT_EQ(make_envelope({"a", std::nullopt}), R"({"event":"a"})");
}

TEST(Envelope, D15_TheTextOfDataIsPassedOnAsItIs) {
  for (const auto* data : {"1e999", "-0", "123456789012345678901234567890", R"({"a":1,"a":2})",
                           "[ 1 ,\n2 ]", R"("\u0061\/\ud800")"}) {
    const auto text = make_envelope({"a", data});
    EXPECT_EQ(text, std::string(R"({"event":"a","data":)") + data + "}");
    EXPECT_EQ(parse_envelope(text).envelope.data, data);
  }
}

TEST(Envelope, TheSizeIsWhatIsWritten) {
  for (const std::optional<std::string_view> data :
       {std::optional<std::string_view>(), std::optional<std::string_view>("[1]")}) {
    std::string out(envelope_size({"\x01q\"", data}) + 1, '#');
    EXPECT_EQ(write_envelope(out.data(), {"\x01q\"", data}), out.data() + out.size() - 1);
    EXPECT_EQ(out.back(), '#');
  }
}

}  // namespace
}  // namespace wscast::protocol
