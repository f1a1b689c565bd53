#include "ws/frame_compressor.h"

#include <algorithm>
#include <utility>

#include "ws/frame_extras.h"
#include "ws/frame_header.h"

namespace wscast::ws {
namespace {

Opcode opcode_of(const FrameRef& frame) {
  return static_cast<Opcode>(frame.bytes()[0] & 0x0f);
}

}  // namespace

const FrameRef& FrameCompressor::form_of(const FrameRef& frame, std::uint8_t window_bits) {
  FrameRef::Block& block = *frame.block_;
  if (block.payload_size < options_.threshold || block.plain_only) return frame;
  FrameRef::Extras& extras = block.need_extras();
  const std::size_t window = window_bits - kMinWindowBits;
  if (extras.in_vain[window]) return frame;
  FrameRef& form = extras.by_window[window];
  if (!form) form = compress(frame, window);
  if (!form) {
    extras.in_vain.set(window);
    return frame;
  }
  counters_.add(Counter::compressed_sends);
  counters_.add(Counter::compressed_bytes, form.size());
  counters_.add(Counter::compression_saved_bytes, frame.size() - form.size());
  return form;
}

/// Returns an empty reference when the form would be no smaller than `frame`.
FrameRef FrameCompressor::compress(const FrameRef& frame, std::size_t window) {
  counters_.add(Counter::compressed_forms);
  const std::size_t size = frame.payload_size();
  const auto message = frame.bytes().last(size);
  const auto payload = size == 0 ? std::nullopt : deflater(window).deflate(message, size - 1);
  if (!payload) {
    counters_.add(Counter::compressed_forms_in_vain);
    return {};
  }
  FrameBuilder builder(opcode_of(frame), payload->size(), kRsv1);
  std::ranges::copy(*payload, builder.payload().begin());
  FrameRef form = std::move(builder).finish();
  form.set_origin_of(frame);
  return form;
}

Deflater& FrameCompressor::deflater(std::size_t window) {
  auto& made = deflaters_[window];
  if (!made) {
    made = std::make_unique<Deflater>(static_cast<int>(window) + kMinWindowBits,
                                      static_cast<int>(options_.level),
                                      static_cast<int>(options_.memory_level));
  }
  return *made;
}

}  // namespace wscast::ws
