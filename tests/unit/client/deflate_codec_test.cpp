#include "client/deflate_codec.h"

#include <gtest/gtest.h>

namespace wscast::client {
namespace {

std::string inflated(DeflateCodec& codec, std::string_view payload) {
  const auto message =
      codec.inflater()
          .inflate({reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()}, 1 << 20)
          .message;
  return {message.begin(), message.end()};
}

TEST(DeflateCodec, CompressesWithinTheWindowOfEachConnection) {
  DeflateCodec codec;
  const std::string message(3'000, 'x');
  for (std::uint8_t bits = 9; bits <= 15; ++bits) {
    const auto payload = codec.compress({.client_window_bits = bits}, message);
    ASSERT_TRUE(payload);
    EXPECT_LT(payload->size(), 100u);
    EXPECT_EQ(inflated(codec, *payload), message);
  }
}

TEST(DeflateCodec, CompressesWhatBecomesLonger) {
  DeflateCodec codec;
  for (const std::string_view message : {"", "x", "short"}) {
    const auto payload = codec.compress({}, message);
    ASSERT_TRUE(payload);
    EXPECT_EQ(inflated(codec, *payload), message);
  }
}

TEST(DeflateCodec, CannotCompressWithinTheSmallestWindow) {
  EXPECT_FALSE(DeflateCodec().compress({.client_window_bits = 8}, "text"));
}

}  // namespace
}  // namespace wscast::client
