#include "ws/inflater.h"

#include <string>

#include <gtest/gtest.h>

#include "ws/deflater.h"

namespace wscast::ws {
namespace {

using Outcome = Inflater::Outcome;

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct Inflated {
  Outcome outcome;
  std::string message;
  friend bool operator==(const Inflated&, const Inflated&) = default;
};

Inflated inflate(Inflater& inflater, std::string_view payload, std::uint64_t limit = 1000) {
  const auto [outcome, message] = inflater.inflate(bytes(payload), limit);
  return {outcome, {message.begin(), message.end()}};
}

Inflated inflate(std::string_view payload, std::uint64_t limit = 1000) {
  Inflater inflater;
  return inflate(inflater, payload, limit);
}

std::string deflated(std::string_view message, int window_bits = 15) {
  Deflater deflater(window_bits, 9, 8);
  const auto payload = deflater.deflate(bytes(message), message.size() + 100);
  return {payload->begin(), payload->end()};
}

template <std::size_t size>
std::string literal(const char (&text)[size]) {
  return {text, size - 1};
}

const std::string kHello = literal("\xf2\x48\xcd\xc9\xc9\x07\x00");
const Inflated kInvalid{Outcome::invalid, ""};

TEST(Inflater, Rfc7692Section7_2_3_1OneBlock) {
  EXPECT_EQ(inflate(kHello), (Inflated{Outcome::ok, "Hello"}));
}

TEST(Inflater, Rfc7692Section7_2_3_2ContextTakeoverIsNotForUs) {
  Inflater inflater;
  EXPECT_EQ(inflate(inflater, kHello).message, "Hello");
  EXPECT_EQ(inflate(inflater, literal("\xf2\x00\x11\x00\x00")), kInvalid)
      << "refers to the message before";
  EXPECT_EQ(inflate(inflater, kHello).message, "Hello") << "the next one is read as ever";
}

TEST(Inflater, Rfc7692Section7_2_3_3BlockWithoutCompression) {
  EXPECT_EQ(inflate(literal("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00")),
            (Inflated{Outcome::ok, "Hello"}));
}

TEST(Inflater, Rfc7692Section7_2_3_4FinalBlock) {
  const std::string final_block = literal("\xf3\x48\xcd\xc9\xc9\x07\x00");
  EXPECT_EQ(inflate(final_block + literal("\x00")), (Inflated{Outcome::ok, "Hello"}));
  EXPECT_EQ(inflate(final_block), (Inflated{Outcome::ok, "Hello"}));
  EXPECT_EQ(inflate(final_block + kHello), (Inflated{Outcome::ok, "HelloHello"}));
  EXPECT_EQ(inflate(final_block + final_block), (Inflated{Outcome::ok, "HelloHello"}));
  EXPECT_EQ(inflate(final_block + "\xff"), kInvalid);
}

TEST(Inflater, Rfc7692Section7_2_3_5TwoBlocks) {
  EXPECT_EQ(inflate(literal("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00")),
            (Inflated{Outcome::ok, "Hello"}));
}

TEST(Inflater, Rfc7692Section7_2_3_6EmptyMessages) {
  EXPECT_EQ(inflate(literal("\x00")), (Inflated{Outcome::ok, ""}));
  EXPECT_EQ(inflate(""), (Inflated{Outcome::ok, ""}));
}

TEST(Inflater, RefusesWhatIsNoDeflateDataOrEndsInsideABlock) {
  EXPECT_EQ(inflate("\xff\xff"), kInvalid);
  EXPECT_EQ(inflate("Hello"), kInvalid);
  for (std::size_t size = 1; size < kHello.size() - 1; ++size) {
    EXPECT_EQ(inflate(kHello.substr(0, size)), kInvalid) << size;
  }
  EXPECT_EQ(inflate(kHello + literal("\x00\x00\xff\xff")), kInvalid) << "the tail is to be removed";
}

TEST(Inflater, ReadsEachWindow) {
  std::string message;
  for (int i = 0; i < 10'000; ++i) message += std::to_string(i * 7919 % 1000);
  for (int bits = 9; bits <= 15; ++bits) {
    EXPECT_EQ(inflate(deflated(message, bits), message.size()), (Inflated{Outcome::ok, message}));
  }
}

TEST(Inflater, StopsAtTheLimit) {
  for (const std::size_t size : {1u, 5u, 1000u, 16'384u, 100'000u, 300'000u, 1'000'000u}) {
    const std::string payload = deflated(std::string(size, 'x'));
    Inflater inflater;
    EXPECT_EQ(inflate(inflater, payload, size).message.size(), size);
    EXPECT_EQ(inflate(inflater, payload, size - 1).outcome, Outcome::too_big) << size;
    EXPECT_EQ(inflate(inflater, payload, UINT64_MAX).message.size(), size);
    EXPECT_EQ(inflate(inflater, payload, 0).outcome, Outcome::too_big);
  }
}

}  // namespace
}  // namespace wscast::ws
