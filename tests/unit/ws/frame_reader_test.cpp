#include "ws/frame_reader.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::ws {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Step = FrameReader::Step;

/// How reading `bytes` one by one ends, and after how many.
std::pair<Step, std::size_t> read_bytewise(Bytes bytes, Role role = Role::server) {
  FrameReader reader(role);
  Step step = Step::need_more;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::span<std::uint8_t> input(&bytes[i], 1);
    while ((step = reader.next(input)) != Step::need_more && step != Step::failure) {
    }
    if (step == Step::failure) return {step, i};
  }
  return {step, bytes.size()};
}

TEST(FrameReader, HandsOutHeaderThenUnmaskedPayload) {
  Bytes bytes{0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58};
  FrameReader reader(Role::server);
  std::span<std::uint8_t> input(bytes);
  ASSERT_EQ(reader.next(input), Step::header);
  EXPECT_EQ(reader.header().payload_size, 5u);
  EXPECT_EQ(reader.header().opcode, Opcode::text);
  ASSERT_EQ(reader.next(input), Step::payload);
  EXPECT_EQ(std::string(reader.payload().begin(), reader.payload().end()), "Hello");
  EXPECT_TRUE(reader.frame_done());
  EXPECT_TRUE(reader.idle());
  EXPECT_EQ(reader.next(input), Step::need_more);
}

TEST(FrameReader, GivesAnEmptyPayloadForAnEmptyFrame) {
  Bytes bytes{0x82, 0x80, 1, 2, 3, 4};
  FrameReader reader(Role::server);
  std::span<std::uint8_t> input(bytes);
  ASSERT_EQ(reader.next(input), Step::header);
  ASSERT_EQ(reader.next(input), Step::payload);
  EXPECT_TRUE(reader.payload().empty());
  EXPECT_TRUE(reader.frame_done());
}

TEST(FrameReader, RefusesEachFaultAtTheByteThatShowsIt) {
  EXPECT_EQ(read_bytewise({0x91, 0x80}), std::pair(Step::failure, std::size_t{1}));  // RSV3
  EXPECT_EQ(read_bytewise({0x83, 0x80}), std::pair(Step::failure, std::size_t{1}));
  EXPECT_EQ(read_bytewise({0x8b, 0x80}), std::pair(Step::failure, std::size_t{1}));
  EXPECT_EQ(read_bytewise({0x81, 0x00}), std::pair(Step::failure, std::size_t{1}));
  EXPECT_EQ(read_bytewise({0x09, 0x80}), std::pair(Step::failure, std::size_t{1}));
  EXPECT_EQ(read_bytewise({0x89, 0xfe}), std::pair(Step::failure, std::size_t{1}));
  EXPECT_EQ(read_bytewise({0x81, 0xfe, 0, 125}), std::pair(Step::failure, std::size_t{3}));
  EXPECT_EQ(read_bytewise({0x81, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff}),
            std::pair(Step::failure, std::size_t{9}));
}

TEST(FrameReader, RefusesEachFaultOfAHeaderThatComesWhole) {
  for (const Bytes& head :
       {Bytes{0x91, 0x80, 1, 2, 3, 4}, Bytes{0x83, 0x80, 1, 2, 3, 4}, Bytes{0x81, 0x00, 1, 2, 3, 4},
        Bytes{0x09, 0x80, 1, 2, 3, 4}, Bytes{0x89, 0xfe, 0, 126, 1, 2, 3, 4},
        Bytes{0x81, 0xfe, 0, 125, 1, 2, 3, 4},
        Bytes{0x81, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4}}) {
    Bytes bytes = head;
    FrameReader reader(Role::server);
    std::span<std::uint8_t> input(bytes);
    EXPECT_EQ(reader.next(input), Step::failure) << testing::PrintToString(head);
    EXPECT_EQ(bytes.size() - input.size(), read_bytewise(head).second + 1) << "at the same byte";
    EXPECT_EQ(reader.next(input), Step::failure);
  }
}

TEST(FrameReader, DecodesEachLengthInAnyTwoPieces) {
  for (const auto& [head, size] :
       {std::pair{Bytes{0x82, 0xfd, 1, 2, 3, 4}, std::uint64_t{125}},
        {Bytes{0x82, 0xfe, 0x12, 0x34, 1, 2, 3, 4}, 0x1234},
        {Bytes{0x82, 0xff, 0, 1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4}, 0x1020304050607}}) {
    for (std::size_t split = 0; split <= head.size(); ++split) {
      Bytes bytes = head;
      FrameReader reader(Role::server);
      std::span<std::uint8_t> first(bytes.data(), split);
      if (split < head.size()) {
        ASSERT_EQ(reader.next(first), Step::need_more) << split;
      }
      std::span<std::uint8_t> second(bytes.data() + split, bytes.size() - split);
      ASSERT_EQ(reader.next(split < head.size() ? second : first), Step::header) << split;
      EXPECT_EQ(reader.header().payload_size, size);
      EXPECT_EQ(reader.header().mask, (MaskKey{1, 2, 3, 4}));
    }
  }
}

TEST(FrameReader, AcceptsTheLeastOfEachLength) {
  EXPECT_EQ(read_bytewise({0x81, 0xfe, 0, 126, 1, 2, 3, 4}).first, Step::need_more);
  EXPECT_EQ(read_bytewise({0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4}).first, Step::need_more);
}

TEST(FrameReader, RefusesALengthWithItsTopBitSetWith1009) {
  Bytes bytes{0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0};
  FrameReader reader(Role::server);
  std::span<std::uint8_t> input(bytes);
  ASSERT_EQ(reader.next(input), Step::failure);
  EXPECT_EQ(reader.failure().code, CloseCode::message_too_big);
  EXPECT_EQ(reader.next(input), Step::failure);
}

TEST(FrameReader, OfAClientAcceptsUnmaskedFramesOnly) {
  EXPECT_EQ(read_bytewise({0x81, 0x01, 'x'}, Role::client).first, Step::need_more);
  EXPECT_EQ(read_bytewise({0x81, 0x81, 0, 0, 0, 0, 'x'}, Role::client).first, Step::failure);
}

}  // namespace
}  // namespace wscast::ws
