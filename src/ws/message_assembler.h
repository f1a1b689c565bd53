#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "ws/frame_reader.h"
#include "ws/inflater.h"

namespace wscast::ws {

/// What the peer sent: a whole message, a whole control frame, or why the connection must end.
struct Incoming {
  enum class Kind : std::uint8_t { need_more, text, binary, ping, pong, close, failure };

  Kind kind = Kind::need_more;

  /// The message, the control frame's payload, or the close frame's reason. Valid until the next
  /// call of next() or until the input's memory changes.
  std::span<std::uint8_t> payload{};

  /// For `close`: the peer's code, 1005 when it sent none. For `failure`: the code to close with.
  std::uint16_t code = 0;

  /// For `failure`; a literal.
  std::string_view reason{};

  /// For a message: it came compressed.
  bool compressed = false;

  std::string_view text() const {
    return {reinterpret_cast<const char*>(payload.data()), payload.size()};
  }
};

/// How compressed messages of a peer are read. Without an inflater there are none: permessage-
/// deflate was not negotiated.
struct Inflation {
  Inflater* inflater = nullptr;
  std::uint64_t max_message = 0;  ///< The longest message, inflated, in bytes; beyond it: 1009.
};

/// Assembles frames into messages, without I/O: fragments, control frames between them, sizes and
/// UTF-8 (RFC 6455 sections 5.4, 5.5, 8.1), and compression (RFC 7692 sections 6 and 7.2). A
/// message that lies whole in one piece of input is returned in place, or inflated from there; only
/// a split one is copied, into a buffer that lives as long as the message. Everything is validated
/// before it is stored; compressed bytes can only be limited. One thread at a time.
class MessageAssembler {
 public:
  /// `max_payload`: the longest message in bytes; a longer one fails with 1009.
  MessageAssembler(Role role, std::uint64_t max_payload);
  MessageAssembler(MessageAssembler&& other) noexcept;
  ~MessageAssembler();

  /// Replaces the longest message, also for the one that has begun.
  void set_max_payload(std::uint64_t max_payload) { max_payload_ = max_payload; }

  /// Consumes bytes from the front of `input` up to the end of one message or control frame. After
  /// `failure`, returns the same failure on every call. `inflation` must be there in each call or
  /// in none; the next message that its inflater inflates overwrites a compressed one.
  Incoming next(std::span<std::uint8_t>& input, const Inflation& inflation = {});

  /// Whether a message or a frame has begun and is not complete.
  bool incomplete() const { return in_message_ || !frames_.idle(); }

 private:
  struct Pending;

  bool validate_header(bool may_be_compressed);
  Incoming handle_control_payload();
  Incoming handle_data_payload(const Inflation& inflation);
  Incoming finish_whole_message();
  Incoming finish_message();
  Incoming finish_compressed(std::span<const std::uint8_t> payload, const Inflation& inflation);
  Incoming message(std::span<std::uint8_t> payload) const;
  Incoming finish_control(std::span<std::uint8_t> payload);
  Incoming finish_close(std::span<std::uint8_t> payload);
  Incoming fail(CloseCode code, std::string_view reason);
  bool refuse(CloseCode code, std::string_view reason);
  Incoming failure() const;
  Pending& pending();

  FrameReader frames_;
  std::unique_ptr<Pending> pending_;
  std::uint64_t max_payload_;
  std::uint64_t message_size_ = 0;
  Opcode message_opcode_ = Opcode::text;
  bool in_message_ = false;
  bool compressed_ = false;  ///< The message that has begun.
  bool delivered_ = false;   ///< The buffer's content was returned; free it at the next call.
  bool failed_ = false;
  Failure failure_;
};

}  // namespace wscast::ws
