#include "broker/redis/resp/resp_reader.h"

#include <algorithm>
#include <malloc.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Kind = RespValue::Kind;

constexpr RespReader::Limits kSmall = {
    .max_bulk_bytes = 16, .max_line_bytes = 32, .max_elements = 4, .max_depth = 2};

/// A reply in one line: +OK, -ERR, :1, "bulk", nil, [a, b] or <length>.
std::string shown(const RespValue& reply) {
  std::string text;
  switch (reply.kind) {
    case Kind::status:
      return '+' + std::string(reply.text);
    case Kind::error:
      return '-' + std::string(reply.text);
    case Kind::integer:
      return ':' + std::to_string(reply.integer);
    case Kind::bulk:
      return '"' + std::string(reply.text) + '"';
    case Kind::nil:
      return "nil";
    case Kind::oversize:
      return '<' + std::to_string(reply.integer) + '>';
    case Kind::array:
      for (const auto& element : reply.elements) {
        text.append(text.empty() ? "" : ", ").append(shown(element));
      }
      return '[' + text + ']';
  }
  return "?";
}

/// All replies that are there, and `failed` at the end if that is what happened.
std::vector<std::string> rest_of(RespReader& reader) {
  std::vector<std::string> replies;
  while (const auto reply = reader.next()) replies.push_back(shown(*reply));
  if (reader.failed()) replies.emplace_back("failed");
  return replies;
}

/// Reads `text` in pieces of `piece` bytes.
std::vector<std::string> read(std::string_view text, RespReader::Limits limits = {},
                              std::size_t piece = 1'000'000) {
  RespReader reader(limits);
  std::vector<std::string> replies;
  for (; !text.empty() && !reader.failed(); text.remove_prefix(std::min(piece, text.size()))) {
    reader.feed(text.substr(0, piece));
    std::ranges::move(rest_of(reader), std::back_inserter(replies));
  }
  return replies;
}

std::string bulk(std::string_view text) {
  return '$' + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

std::string array_of(std::size_t size, std::string_view element) {
  std::string text = '*' + std::to_string(size) + "\r\n";
  for (std::size_t i = 0; i < size; ++i) text += element;
  return text;
}

/// Of the whole process; 0 under a sanitizer.
std::size_t allocated_bytes() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

bool fails(std::string_view text, RespReader::Limits limits = {}) {
  const auto whole = read(text, limits);
  EXPECT_EQ(whole, read(text, limits, 1)) << text;
  return whole == std::vector<std::string>{"failed"};
}

TEST(RespReader, ReadsEachKind) {
  EXPECT_THAT(read("+OK\r\n"), ElementsAre("+OK"));
  EXPECT_THAT(read("-NOAUTH Authentication required.\r\n"),
              ElementsAre("-NOAUTH Authentication required."));
  EXPECT_THAT(read(":0\r\n:12\r\n:-7\r\n"), ElementsAre(":0", ":12", ":-7"));
  EXPECT_THAT(read("$5\r\na\r\nb\0\r\n"), IsEmpty());
  EXPECT_THAT(read("$3\r\na\r\n\r\n"), ElementsAre("\"a\r\n\""));
  EXPECT_THAT(read("$0\r\n\r\n"), ElementsAre("\"\""));
  EXPECT_THAT(read("*0\r\n"), ElementsAre("[]"));
  EXPECT_THAT(read("*2\r\n:1\r\n+b\r\n"), ElementsAre("[:1, +b]"));
  EXPECT_THAT(read("+\r\n-\r\n"), ElementsAre("+", "-"));
}

TEST(RespReader, BothNilsAreNil) {
  EXPECT_THAT(read("$-1\r\n*-1\r\n*2\r\n*-1\r\n$-1\r\n"), ElementsAre("nil", "nil", "[nil, nil]"));
}

TEST(RespReader, ReadsTheWholeRangeOfIntegers) {
  EXPECT_THAT(read(":9223372036854775807\r\n:-9223372036854775808\r\n"),
              ElementsAre(":9223372036854775807", ":-9223372036854775808"));
  EXPECT_TRUE(fails(":9223372036854775808\r\n"));
}

TEST(RespReader, ReadsArraysInEachOther) {
  EXPECT_THAT(read("*3\r\n*1\r\n*2\r\n:1\r\n:2\r\n*0\r\n:3\r\n+x\r\n"),
              ElementsAre("[[[:1, :2]], [], :3]", "+x"));
}

TEST(RespReader, AnyPiecesGiveTheSame) {
  const std::string text = "+OK\r\n*3\r\n" + bulk("message") + bulk("ws:room:a") +
                           bulk("{\"a\":1}") + ":1\r\n$-1\r\n*1\r\n" + bulk(std::string(100, 'x')) +
                           "-ERR a\r\n";
  for (const auto limits : {RespReader::Limits{}, kSmall}) {
    const auto whole = read(text, limits);
    EXPECT_EQ(whole.size(), 6u);
    for (std::size_t piece = 1; piece < text.size(); ++piece) {
      EXPECT_EQ(read(text, limits, piece), whole) << piece;
    }
  }
}

TEST(RespReader, TextsStayWhereTheyAreUntilTheNextFeed) {
  RespReader reader({});
  reader.feed(std::string_view("*1\r\n$3\r\nabc\r\n+OK\r\n$3\r"));
  const auto first = reader.next();
  const auto second = reader.next();
  EXPECT_FALSE(reader.next());
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->elements.front().text, "abc");
  EXPECT_EQ(second->text, "OK");
}

TEST(RespReader, NothingIsLeftOfTheValueWhoseMemoryIsUsedAgain) {
  RespReader reader({});
  reader.feed(std::string_view(
      "*2\r\n*1\r\n:7\r\n$1\r\na\r\n*2\r\n$-1\r\n:8\r\n*-1\r\n$1\r\nb\r\n:9\r\n+OK\r"));
  RespValue value;
  std::vector<std::string> values;
  while (reader.next(value)) values.push_back(shown(value));
  EXPECT_EQ(values,
            read("*2\r\n*1\r\n:7\r\n$1\r\na\r\n*2\r\n$-1\r\n:8\r\n*-1\r\n$1\r\nb\r\n:9\r\n"));
  EXPECT_EQ(shown(value), values.back());
}

TEST(RespReader, FailsOnWhatIsNoReply) {
  for (const auto* text : {"PING\r\n", "\r\n", "x\r\n", "(1\r\n", "%1\r\n", "_\r\n", "H", "\r"}) {
    EXPECT_TRUE(fails(text)) << text;
  }
}

TEST(RespReader, FailsOnNumbersThatRedisDoesNotWrite) {
  for (const auto* number :
       {"", " 1", "1 ", "+1", "01", "-0", "-01", "--1", "1.0", "0x1", "a", "-"}) {
    for (const auto* type : {":", "$", "*"}) {
      EXPECT_TRUE(fails(std::string(type) + number + "\r\n")) << type << number;
    }
  }
}

TEST(RespReader, FailsOnNegativeLengths) {
  EXPECT_TRUE(fails("$-2\r\n"));
  EXPECT_TRUE(fails("*-2\r\n"));
  EXPECT_TRUE(fails("$-9223372036854775808\r\n"));
}

TEST(RespReader, FailsWhenABulkStringIsLongerThanItSays) {
  EXPECT_TRUE(fails("$1\r\nab\r\n"));
  EXPECT_TRUE(fails("$1\r\na\n\r"));
  EXPECT_TRUE(fails("$17\r\n" + std::string(18, 'x') + "\r\n", kSmall));
}

TEST(RespReader, WhatCameBeforeAFailureIsReturned) {
  EXPECT_THAT(read("+OK\r\n*1\r\n:1\r\nrubbish\r\n+never\r\n"),
              ElementsAre("+OK", "[:1]", "failed"));
}

TEST(RespReader, StaysFailed) {
  RespReader reader({});
  reader.feed(std::string_view("x\r\n"));
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.failed());
  reader.feed(std::string_view("+OK\r\n"));
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.failed());
}

TEST(RespReader, R11_SkipsABulkStringOverTheLimit) {
  EXPECT_THAT(read(bulk(std::string(16, 'x')), kSmall), ElementsAre("\"xxxxxxxxxxxxxxxx\""));
  const auto text = bulk(std::string(17, 'x')) + "+OK\r\n";
  EXPECT_THAT(read(text, kSmall), ElementsAre("<17>", "+OK"));
  EXPECT_THAT(read(text, kSmall, 1), ElementsAre("<17>", "+OK"));
}

TEST(RespReader, R11_AnOversizeElementLeavesTheRestOfItsArray) {
  const auto text = "*3\r\n" + bulk("message") + bulk(std::string(1000, '\r')) + bulk("tail");
  for (const std::size_t piece : {1, 2, 7, 100, 10'000}) {
    EXPECT_THAT(read(text, kSmall, piece), ElementsAre("[\"message\", <1000>, \"tail\"]"));
  }
}

TEST(RespReader, R11_WhatIsAnnouncedOrSkippedTakesNoMemory) {
  const std::string piece(64 * 1024, 'x');
  const auto before = allocated_bytes();
  RespReader reader({});
  reader.feed(std::string_view("*1048576\r\n$9223372036854775807\r\nabc"));
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(reader.next());
    reader.feed(piece);
    ASSERT_LT(allocated_bytes(), before + 256 * 1024);
  }
  EXPECT_FALSE(reader.failed());
}

TEST(RespReader, GivesMemoryBackAfterABigReply) {
  const std::string text =
      bulk(std::string(8 * 1024 * 1024, 'x')) + array_of(100'000, ":1\r\n") + "+a\r\n";
  const auto before = allocated_bytes();
  RespReader reader({});
  reader.feed(text);
  EXPECT_THAT(rest_of(reader), testing::SizeIs(3));
  reader.feed(std::string_view("+b\r\n"));
  EXPECT_THAT(rest_of(reader), ElementsAre("+b"));
  EXPECT_LT(allocated_bytes(), before + 256 * 1024);
}

TEST(RespReader, FailsOnTooManyElements) {
  EXPECT_TRUE(fails("*5\r\n", kSmall));
  EXPECT_TRUE(fails("*9223372036854775807\r\n"));
  EXPECT_THAT(read("*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n", kSmall), ElementsAre("[:1, :2, :3, :4]"));
}

TEST(RespReader, FailsOnTooDeepArrays) {
  EXPECT_THAT(read("*1\r\n*1\r\n:1\r\n", kSmall), ElementsAre("[[:1]]"));
  EXPECT_TRUE(fails("*1\r\n*1\r\n*1\r\n:1\r\n", kSmall));
  EXPECT_TRUE(fails("*1\r\n*1\r\n*0\r\n", kSmall));
}

TEST(RespReader, FailsOnLongLines) {
  EXPECT_THAT(read('+' + std::string(32, 'x') + "\r\n", kSmall),
              ElementsAre('+' + std::string(32, 'x')));
  EXPECT_TRUE(fails('+' + std::string(33, 'x') + "\r\n", kSmall));
  EXPECT_TRUE(fails('-' + std::string(100, 'x'), kSmall));
}

TEST(RespReader, ALineMayHoldHalfOfItsEnd) {
  for (const std::size_t piece : {1, 2, 3, 100}) {
    EXPECT_THAT(read("+a\rb\nc\r\r\n:1\r\n", {}, piece), ElementsAre("+a\rb\nc\r", ":1")) << piece;
  }
}

// Quadratic work would take minutes here.
TEST(RespReader, ALongStringInSmallPiecesTakesLinearTime) {
  const std::string payload(8 * 1024 * 1024, 'x');
  RespReader reader({});
  reader.feed(std::string_view("$8388608\r\n"));
  for (std::size_t at = 0; at < payload.size(); at += 16) {
    ASSERT_FALSE(reader.next());
    reader.feed(std::string_view(payload).substr(at, 16));
  }
  reader.feed(std::string_view("\r\n"));
  const auto reply = reader.next();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, payload);
}

TEST(RespReader, ManyRepliesInOnePieceTakeLinearTime) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "*1\r\n$100\r\n" + std::string(100, 'x') + "\r\n";
  RespReader reader(RespReader::Limits{.max_bulk_bytes = 16});
  reader.feed(text);
  std::size_t count = 0;
  while (reader.next()) ++count;
  EXPECT_EQ(count, 200'000u);
}

}  // namespace
}  // namespace wscast::redis
