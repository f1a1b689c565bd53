#include "ws/message_assembler.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "ws/utf8_validator.h"

namespace wscast::ws {

/// Buffers a message or control frame that did not come in one piece.
struct MessageAssembler::Pending {
  std::vector<std::uint8_t> message;
  Utf8Validator utf8;
  std::array<std::uint8_t, kMaxControlPayload> control{};
  std::uint8_t control_size = 0;
};

MessageAssembler::MessageAssembler(Role role, std::uint64_t max_payload)
    : frames_(role), max_payload_(max_payload) {}

MessageAssembler::MessageAssembler(MessageAssembler&& other) noexcept = default;
MessageAssembler::~MessageAssembler() = default;

Incoming MessageAssembler::next(std::span<std::uint8_t>& input, const Inflation& inflation) {
  if (failed_) return failure();
  if (std::exchange(delivered_, false) && !in_message_) pending_.reset();

  while (true) {
    switch (frames_.next(input)) {
      case FrameReader::Step::need_more:
        return {};
      case FrameReader::Step::failure:
        return fail(frames_.failure().code, frames_.failure().reason);
      case FrameReader::Step::header:
        if (!validate_header(inflation.inflater != nullptr)) return failure();
        break;
      case FrameReader::Step::payload:
        Incoming incoming = is_control(frames_.header().opcode) ? handle_control_payload()
                                                                : handle_data_payload(inflation);
        if (incoming.kind != Incoming::Kind::need_more) return incoming;
        break;
    }
  }
}

bool MessageAssembler::validate_header(bool may_be_compressed) {
  const FrameHeader& header = frames_.header();
  const bool continues = header.opcode == Opcode::continuation;
  const bool begins = !continues && !is_control(header.opcode);
  // RFC 7692 section 6: RSV1 "MUST NOT" be set on control frames and on "non-first fragments".
  const std::uint8_t allowed = may_be_compressed && begins ? kRsv1 : 0;
  if ((header.rsv & ~allowed) != 0) return refuse(CloseCode::protocol_error, "Unexpected RSV bits");
  if (is_control(header.opcode)) return true;

  // RFC 6455 section 5.4.
  if (continues && !in_message_) {
    return refuse(CloseCode::protocol_error, "Continuation without a start");
  }
  if (!continues && in_message_) {
    return refuse(CloseCode::protocol_error, "New message inside a fragmented one");
  }
  if (!continues) {
    in_message_ = true;
    message_opcode_ = header.opcode;
    message_size_ = 0;
    compressed_ = header.rsv != 0;
  }
  if (message_size_ > max_payload_ || header.payload_size > max_payload_ - message_size_) {
    return refuse(CloseCode::message_too_big, "Message too big");
  }
  message_size_ += header.payload_size;
  return true;
}

Incoming MessageAssembler::handle_control_payload() {
  const auto piece = frames_.payload();
  const bool in_one_piece = frames_.frame_done() && piece.size() == frames_.header().payload_size;
  if (in_one_piece) return finish_control(piece);

  Pending& kept = pending();
  std::ranges::copy(piece, kept.control.begin() + kept.control_size);
  kept.control_size = static_cast<std::uint8_t>(kept.control_size + piece.size());
  if (!frames_.frame_done()) return {};
  delivered_ = true;
  return finish_control(std::span(kept.control).first(std::exchange(kept.control_size, 0)));
}

Incoming MessageAssembler::finish_control(std::span<std::uint8_t> payload) {
  switch (frames_.header().opcode) {
    case Opcode::ping:
      return {.kind = Incoming::Kind::ping, .payload = payload};
    case Opcode::pong:
      return {.kind = Incoming::Kind::pong, .payload = payload};
    default:
      return finish_close(payload);
  }
}

/// RFC 6455 section 5.5.1.
Incoming MessageAssembler::finish_close(std::span<std::uint8_t> payload) {
  if (payload.empty()) {
    return {.kind = Incoming::Kind::close, .code = to_number(CloseCode::no_status)};
  }
  if (payload.size() == 1) return fail(CloseCode::protocol_error, "Close payload of one byte");
  const auto code = static_cast<std::uint16_t>(payload[0] << 8 | payload[1]);
  if (!may_be_sent(code)) return fail(CloseCode::protocol_error, "Invalid close code");
  const auto reason = payload.subspan(2);
  if (!is_utf8(reason)) return fail(CloseCode::invalid_data, "Invalid UTF-8");
  return {.kind = Incoming::Kind::close, .payload = reason, .code = code};
}

Incoming MessageAssembler::handle_data_payload(const Inflation& inflation) {
  const auto piece = frames_.payload();
  const bool whole = frames_.header().fin && frames_.frame_done() &&
                     frames_.header().opcode != Opcode::continuation &&
                     piece.size() == message_size_;
  if (whole) return compressed_ ? finish_compressed(piece, inflation) : finish_whole_message();

  Pending& kept = pending();
  if (message_opcode_ == Opcode::text && !compressed_ && !kept.utf8.feed(piece)) {
    return fail(CloseCode::invalid_data, "Invalid UTF-8");
  }
  kept.message.insert(kept.message.end(), piece.begin(), piece.end());
  if (!frames_.frame_done() || !frames_.header().fin) return {};
  return compressed_ ? finish_compressed(kept.message, inflation) : finish_message();
}

Incoming MessageAssembler::finish_whole_message() {
  const auto payload = frames_.payload();
  const bool is_text = message_opcode_ == Opcode::text;
  if (is_text && !is_utf8(payload)) return fail(CloseCode::invalid_data, "Invalid UTF-8");
  in_message_ = false;
  return message(payload);
}

Incoming MessageAssembler::finish_message() {
  Pending& kept = pending();
  const bool is_text = message_opcode_ == Opcode::text;
  if (is_text && !kept.utf8.complete()) return fail(CloseCode::invalid_data, "Invalid UTF-8");
  in_message_ = false;
  delivered_ = true;
  return message(kept.message);
}

/// `payload`: of all frames of the message. It is not needed once it is inflated.
Incoming MessageAssembler::finish_compressed(std::span<const std::uint8_t> payload,
                                             const Inflation& inflation) {
  const auto [outcome, inflated] = inflation.inflater->inflate(payload, inflation.max_message);
  pending_.reset();
  if (outcome == Inflater::Outcome::too_big) {
    return fail(CloseCode::message_too_big, "Message too big when inflated");
  }
  if (outcome == Inflater::Outcome::invalid) {
    return fail(CloseCode::invalid_data, "Invalid compressed data");
  }
  if (message_opcode_ == Opcode::text && !is_utf8(inflated)) {
    return fail(CloseCode::invalid_data, "Invalid UTF-8");
  }
  in_message_ = false;
  return message(inflated);
}

Incoming MessageAssembler::message(std::span<std::uint8_t> payload) const {
  const bool is_text = message_opcode_ == Opcode::text;
  return {.kind = is_text ? Incoming::Kind::text : Incoming::Kind::binary,
          .payload = payload,
          .compressed = compressed_};
}

Incoming MessageAssembler::fail(CloseCode code, std::string_view reason) {
  refuse(code, reason);
  return failure();
}

bool MessageAssembler::refuse(CloseCode code, std::string_view reason) {
  failed_ = true;
  failure_ = {code, reason};
  pending_.reset();
  return false;
}

Incoming MessageAssembler::failure() const {
  return {
      .kind = Incoming::Kind::failure, .code = to_number(failure_.code), .reason = failure_.reason};
}

MessageAssembler::Pending& MessageAssembler::pending() {
  if (!pending_) pending_ = std::make_unique<Pending>();
  return *pending_;
}

}  // namespace wscast::ws
