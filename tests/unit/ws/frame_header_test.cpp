#include "ws/frame_header.h"

#include <vector>

#include <gtest/gtest.h>

namespace wscast::ws {
namespace {

std::vector<std::uint8_t> encoded(const FrameHeader& header) {
  std::array<std::uint8_t, kMaxHeaderBytes> bytes{};
  const std::size_t size = encode(header, bytes);
  EXPECT_EQ(size, encoded_size(header));
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
}

using Bytes = std::vector<std::uint8_t>;

TEST(FrameHeader, UsesTheShortestLengthOfRfc6455Section5_2) {
  EXPECT_EQ(encoded({.payload_size = 125}), (Bytes{0x81, 125}));
  EXPECT_EQ(encoded({.payload_size = 126}), (Bytes{0x81, 126, 0, 126}));
  EXPECT_EQ(encoded({.payload_size = 65535}), (Bytes{0x81, 126, 0xff, 0xff}));
  EXPECT_EQ(encoded({.payload_size = 65536}), (Bytes{0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}));
}

TEST(FrameHeader, OneOfOursIsReadAsItWasWritten) {
  for (const std::uint64_t size : {0, 125, 126, 65'535, 65'536, 1 << 24}) {
    const FrameHeader header = decode_own(
        encoded({.payload_size = size, .opcode = Opcode::binary, .rsv = kRsv1, .fin = false}));
    EXPECT_EQ(header.payload_size, size);
    EXPECT_EQ(header.opcode, Opcode::binary);
    EXPECT_EQ(header.rsv, kRsv1);
    EXPECT_FALSE(header.fin);
    EXPECT_FALSE(header.masked);
  }
}

TEST(FrameHeader, WritesFinRsvOpcodeAndMask) {
  EXPECT_EQ(encoded({.opcode = Opcode::ping, .fin = true}), (Bytes{0x89, 0}));
  EXPECT_EQ(encoded({.opcode = Opcode::binary, .rsv = 4, .fin = false}), (Bytes{0x42, 0}));
  EXPECT_EQ(encoded({.payload_size = 1, .mask = {1, 2, 3, 4}, .masked = true}),
            (Bytes{0x81, 0x81, 1, 2, 3, 4}));
}

}  // namespace
}  // namespace wscast::ws
