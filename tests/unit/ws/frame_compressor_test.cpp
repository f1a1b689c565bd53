#include "ws/frame_compressor.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "ws/inflater.h"

namespace wscast::ws {
namespace {

class FrameCompressorTest : public testing::Test {
 protected:
  static std::string inflated(const FrameRef& form) {
    Inflater inflater;
    const auto message =
        inflater.inflate(form.bytes().last(form.payload_size()), UINT64_MAX).message;
    return {message.begin(), message.end()};
  }
  static bool same(const FrameRef& left, const FrameRef& right) {
    return left.bytes().data() == right.bytes().data();
  }
  std::uint64_t count(Counter counter) const {
    Stats stats;
    counters_.add_to(stats);
    return stats[counter];
  }

  const std::string text_ = std::string(500, 'a') + "b";
  DeflateOptions options_;
  Counters counters_;
  FrameCompressor compressor_{options_, counters_};
};

TEST_F(FrameCompressorTest, T7AFormIsAFrameWithRsv1) {
  const FrameRef text = compressor_.form_of(make_frame(Opcode::text, text_), 15);
  EXPECT_EQ(text.bytes()[0], 0xc1);
  EXPECT_EQ(text.bytes()[1], text.payload_size());
  EXPECT_EQ(inflated(text), text_);
  const FrameRef binary = compressor_.form_of(make_frame(Opcode::binary, text_), 9);
  EXPECT_EQ(binary.bytes()[0], 0xc2);
  EXPECT_EQ(inflated(binary), text_);
}

TEST_F(FrameCompressorTest, T7AFormIsMadeOnceForEachWindowAndShared) {
  const FrameRef frame = make_frame(Opcode::text, text_);
  for (int receivers = 0; receivers < 3; ++receivers) {
    for (std::uint8_t bits = 9; bits <= 15; ++bits) {
      EXPECT_TRUE(same(compressor_.form_of(frame, bits), compressor_.form_of(frame, bits)));
    }
  }
  EXPECT_FALSE(same(compressor_.form_of(frame, 9), compressor_.form_of(frame, 10)));
  EXPECT_EQ(count(Counter::compressed_forms), 7u);
  EXPECT_EQ(count(Counter::compressed_sends), 44u);
  EXPECT_GT(count(Counter::compression_saved_bytes), 44u * 400);
}

TEST_F(FrameCompressorTest, AFormOutlivesItsFrame) {
  FrameRef frame = make_frame(Opcode::text, text_);
  const FrameRef form = compressor_.form_of(frame, 15);
  frame = {};
  EXPECT_EQ(inflated(form), text_);
}

TEST_F(FrameCompressorTest, T7WhatDoesNotBecomeSmallerIsTriedOnceAndSentAsItIs) {
  std::string noise;
  for (int i = 0; i < 300; ++i) noise += static_cast<char>(i * i * 7919 >> 3);
  const FrameRef frame = make_frame(Opcode::binary, noise);
  for (int receivers = 0; receivers < 3; ++receivers) {
    EXPECT_TRUE(same(compressor_.form_of(frame, 15), frame));
  }
  EXPECT_EQ(count(Counter::compressed_forms), 1u);
  EXPECT_EQ(count(Counter::compressed_forms_in_vain), 1u);
  EXPECT_EQ(count(Counter::compressed_sends), 0u);
}

TEST_F(FrameCompressorTest, T7WhatIsBelowTheThresholdIsSentAsItIs) {
  const FrameRef below = make_frame(Opcode::text, std::string(127, 'a'));
  const FrameRef at = make_frame(Opcode::text, std::string(128, 'a'));
  EXPECT_TRUE(same(compressor_.form_of(below, 15), below));
  EXPECT_FALSE(same(compressor_.form_of(at, 15), at));
  EXPECT_EQ(count(Counter::compressed_forms), 1u);
}

TEST_F(FrameCompressorTest, WithoutAThresholdAnEmptyMessageIsSentAsItIs) {
  options_.threshold = 0;
  const FrameRef empty = make_frame(Opcode::text, "");
  EXPECT_TRUE(same(compressor_.form_of(empty, 15), empty));
}

TEST_F(FrameCompressorTest, AFrameMayForbidIt) {
  FrameRef frame = make_frame(Opcode::text, text_);
  frame.forbid_compression();
  EXPECT_TRUE(same(compressor_.form_of(frame, 15), frame));
}

TEST_F(FrameCompressorTest, AFormIsAsOldAsItsMessage) {
  FrameRef frame = make_frame(Opcode::text, text_);
  frame.set_origin({.taken = SteadyTime(std::chrono::seconds(7))});
  EXPECT_EQ(compressor_.form_of(frame, 15).taken(), frame.taken());
}

TEST_F(FrameCompressorTest, AFrameThatShardsShareIsCompressedOnEach) {
  SharedFrameBuilder builder(Opcode::text, text_.size());
  std::ranges::copy(text_, builder.payload().begin());
  const SharedFrame shared = std::move(builder).finish();
  EXPECT_EQ(inflated(compressor_.form_of(FrameRef::of(shared), 15)), text_);
  EXPECT_EQ(inflated(compressor_.form_of(FrameRef::of(shared), 15)), text_);
  EXPECT_EQ(count(Counter::compressed_forms), 2u);
}

}  // namespace
}  // namespace wscast::ws
