#include "ws/deflater.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "ws/inflater.h"

namespace wscast::ws {
namespace {

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string text(std::span<const std::uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

TEST(Deflater, Rfc7692Section7_2_3_1OneBlock) {
  Deflater deflater(15, 6, 8);
  for (int i = 0; i < 2; ++i) {  // The second time without the first one's context.
    EXPECT_EQ(text(*deflater.deflate(bytes("Hello"), 100)),
              std::string("\xf2\x48\xcd\xc9\xc9\x07\x00", 7));
  }
}

TEST(Deflater, AnEmptyMessageIsOneByte) {
  EXPECT_EQ(text(*Deflater(9, 1, 1).deflate({}, 100)), std::string(1, '\0'));
}

TEST(Deflater, ItsOutputIsReadBack) {
  std::mt19937 random(1);
  Inflater inflater;
  for (int bits = 9; bits <= 15; ++bits) {
    Deflater deflater(bits, bits % 9 + 1, bits % 9 + 1);
    for (const std::size_t size : {1u, 100u, 5'000u, 70'000u, 300'000u}) {
      std::string message(size, ' ');
      for (char& c : message) c = static_cast<char>('a' + random() % 8);
      const auto payload = deflater.deflate(bytes(message), size + 100);
      ASSERT_TRUE(payload);
      EXPECT_EQ(text(inflater.inflate(*payload, size).message), message) << bits << ' ' << size;
    }
  }
}

TEST(Deflater, GivesUpOverTheLimit) {
  const std::string message(1000, 'x');
  Deflater deflater(15, 6, 8);
  const std::size_t size = deflater.deflate(bytes(message), 1000)->size();
  EXPECT_EQ(deflater.deflate(bytes(message), size)->size(), size);
  EXPECT_FALSE(deflater.deflate(bytes(message), size - 1));
  EXPECT_FALSE(deflater.deflate(bytes(message), 0));
  EXPECT_EQ(deflater.deflate(bytes(message), size)->size(), size) << "and goes on";
}

}  // namespace
}  // namespace wscast::ws
