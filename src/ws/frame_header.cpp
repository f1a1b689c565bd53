#include "ws/frame_header.h"

#include <algorithm>

namespace wscast::ws {
namespace {

std::size_t length_bytes(std::uint64_t payload_size) {
  if (payload_size <= 125) return 0;
  return payload_size <= 0xffff ? 2 : 8;
}

}  // namespace

std::size_t encoded_size(const FrameHeader& header) {
  return 2 + length_bytes(header.payload_size) + (header.masked ? header.mask.size() : 0);
}

FrameHeader decode_own(std::span<const std::uint8_t> frame) {
  const auto short_length = static_cast<std::uint8_t>(frame[1] & 0x7f);
  const std::size_t extended = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  std::uint64_t size = extended == 0 ? short_length : 0;
  for (std::size_t i = 0; i < extended; ++i) size = size << 8 | frame[2 + i];
  return {.payload_size = size,
          .opcode = static_cast<Opcode>(frame[0] & 0x0f),
          .rsv = static_cast<std::uint8_t>((frame[0] >> 4) & 0x7),
          .fin = (frame[0] & 0x80) != 0};
}

std::size_t encode(const FrameHeader& header, std::span<std::uint8_t, kMaxHeaderBytes> out) {
  const std::size_t extended = length_bytes(header.payload_size);
  out[0] = static_cast<std::uint8_t>((header.fin ? 0x80 : 0) | header.rsv << 4 |
                                     static_cast<std::uint8_t>(header.opcode));
  const std::uint64_t short_length = extended == 0   ? header.payload_size
                                     : extended == 2 ? 126
                                                     : 127;
  out[1] = static_cast<std::uint8_t>((header.masked ? 0x80 : 0) | short_length);
  for (std::size_t i = 0; i < extended; ++i) {
    out[2 + i] = static_cast<std::uint8_t>(header.payload_size >> 8 * (extended - 1 - i));
  }
  if (header.masked) std::ranges::copy(header.mask, out.begin() + 2 + extended);
  return encoded_size(header);
}

}  // namespace wscast::ws
