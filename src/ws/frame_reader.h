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

/// Splits a byte stream into frames, one step per call, without I/O and without a buffer: payloads
/// are unmasked in place and returned as they come. Validates each frame by itself; rules across
/// frames are MessageAssembler's. One thread at a time.
class FrameReader {
 public:
  enum class Step : std::uint8_t {
    need_more,  ///< `input` is used up.
    header,     ///< header() is that of a new frame.
    payload,    ///< payload() is the next piece; frame_done(): it is the last.
    failure,    ///< failure() is the reason; nothing may be read any more.
  };

  explicit FrameReader(Role role) : role_(role) {}

  /// Consumes bytes from the front of `input`. Each frame gives `header`, then `payload` at least
  /// once.
  Step next(std::span<std::uint8_t>& input);

  const FrameHeader& header() const { return header_; }

  /// Part of what was passed to next(); valid until that memory changes.
  std::span<std::uint8_t> payload() const { return payload_; }

  bool frame_done() const { return stage_ == Stage::header; }
  const Failure& failure() const { return failure_; }

  /// Whether no frame is in progress: no byte of the next one was read.
  bool idle() const { return stage_ == Stage::header && head_size_ == 0; }

 private:
  enum class Stage : std::uint8_t { header, payload, failed };

  bool read_header(std::span<std::uint8_t>& input);
  bool gather_header(std::span<std::uint8_t>& input);
  std::size_t mask_bytes() const { return role_ == Role::server ? header_.mask.size() : 0; }
  bool validate_first_two(const std::uint8_t* head);
  bool decode_length(const std::uint8_t* head);
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
