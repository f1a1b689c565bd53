#pragma once

#include <cstdint>
#include <span>

#include "ws/mask.h"

namespace wscast::ws {

/// RFC 6455 section 5.2.
enum class Opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xa,
};

constexpr bool is_control(Opcode opcode) {
  return (static_cast<std::uint8_t>(opcode) & 0x8) != 0;
}

constexpr bool is_known(Opcode opcode) {
  return opcode <= Opcode::binary || (opcode >= Opcode::close && opcode <= Opcode::pong);
}

inline constexpr std::size_t kMaxHeaderBytes = 14;
inline constexpr std::size_t kMaxControlPayload = 125;  // RFC 6455 section 5.5

/// RSV1 in FrameHeader::rsv: the message is compressed (RFC 7692 section 6).
inline constexpr std::uint8_t kRsv1 = 4;

/// The first bytes of a frame, decoded.
struct FrameHeader {
  std::uint64_t payload_size = 0;
  MaskKey mask{};
  Opcode opcode = Opcode::text;
  std::uint8_t rsv = 0;  ///< RSV1, RSV2, RSV3 as bits 2, 1, 0.
  bool fin = true;
  bool masked = false;
};

/// The size of `header` on the wire, in bytes.
std::size_t encoded_size(const FrameHeader& header);

/// Reads the header of a whole frame that this library encoded, unmasked; nothing is checked.
FrameHeader decode_own(std::span<const std::uint8_t> frame);

/// Writes `header` in its shortest form and returns its size in bytes.
std::size_t encode(const FrameHeader& header, std::span<std::uint8_t, kMaxHeaderBytes> out);

}  // namespace wscast::ws
