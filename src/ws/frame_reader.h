#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "ws/failure.h"
#include "ws/frame_header.h"

namespace wscast::ws {

/// Which end of the connection reads: a server expects masked frames, a client unmasked ones
/// (RFC 6455 section 5.1).
enum class Role : std::uint8_t { server, client };

/// Cuts a byte stream into frames, one step a call, without I/O and without a buffer: payloads are
/// unmasked in place and handed out as they come. It judges what one frame shows by itself; what
/// frames mean together is MessageAssembler's. One thread at a time.
class FrameReader {
 public:
  enum class Step : std::uint8_t {
    need_more,  ///< `input` is used up.
    header,     ///< header() is a new frame's.
    payload,    ///< payload() is the next piece; frame_done() tells whether it is the last.
    failure,    ///< failure() says why; nothing may be read any more.
  };

  explicit FrameReader(Role role) : role_(role) {}

  /// Takes bytes off the front of `input`. Every frame gives `header`, then `payload` once or more.
  Step next(std::span<std::uint8_t>& input);

  const FrameHeader& header() const { return header_; }

  /// Part of what was passed to next(); valid until that memory changes.
  std::span<std::uint8_t> payload() const { return payload_; }

  bool frame_done() const { return stage_ == Stage::header; }
  const Failure& failure() const { return failure_; }

  /// Between frames, with no byte of the next one read.
  bool idle() const { return stage_ == Stage::header && head_size_ == 0; }

 private:
  enum class Stage : std::uint8_t { header, payload, failed };

  bool take_header(std::span<std::uint8_t>& input);
  bool validate_first_two();
  bool decode_length(std::size_t length_bytes);
  bool refuse(std::string_view reason);

  FrameHeader header_;
  std::uint64_t payload_left_ = 0;
  std::span<std::uint8_t> payload_;
  Failure failure_;
  std::array<std::uint8_t, kMaxHeaderBytes> head_{};
  std::uint8_t head_size_ = 0;
  Role role_;
  Stage stage_ = Stage::header;
};

}  // namespace wscast::ws
