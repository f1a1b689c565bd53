#include "ws/frame_reader.h"

#include <algorithm>

namespace wscast::ws {
namespace {

std::size_t length_bytes_of(std::uint8_t short_length) {
  if (short_length == 126) return 2;
  return short_length == 127 ? 8 : 0;
}

}  // namespace

FrameReader::Step FrameReader::next(std::span<std::uint8_t>& input) {
  if (stage_ == Stage::failed) return Step::failure;
  if (stage_ == Stage::header) {
    const bool whole = read_header(input);
    if (stage_ == Stage::failed) return Step::failure;
    if (!whole) return Step::need_more;
    payload_left_ = header_.payload_size;
    stage_ = Stage::payload;
    return Step::header;
  }
  if (input.empty() && payload_left_ > 0) return Step::need_more;

  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), payload_left_));
  payload_ = input.first(size);
  input = input.subspan(size);
  if (header_.masked) apply_mask(payload_, header_.mask, header_.payload_size - payload_left_);
  payload_left_ -= size;
  if (payload_left_ == 0) stage_ = Stage::header;
  return Step::payload;
}

bool FrameReader::read_header(std::span<std::uint8_t>& input) {
  if (head_size_ != 0 || input.size() < 2) return gather_header(input);
  const std::uint8_t* head = input.data();
  const std::size_t mask_at = 2 + length_bytes_of(head[1] & 0x7f);
  if (input.size() < mask_at + mask_bytes()) return gather_header(input);
  // A header that is refused is taken up to the byte that shows it, as one in pieces.
  const bool begins = validate_first_two(head);
  const bool valid = begins && decode_length(head);
  input = input.subspan(begins ? mask_at : 2);
  if (!valid) return false;
  if (role_ == Role::server) std::copy_n(head + mask_at, header_.mask.size(), header_.mask.begin());
  input = input.subspan(mask_bytes());
  return true;
}

/// For a header that comes in pieces. Validates each part as soon as it is complete, so that a peer
/// that sends one byte at a time is refused at the same byte as one that sends all at once.
bool FrameReader::gather_header(std::span<std::uint8_t>& input) {
  std::size_t wanted = 2;
  while (true) {
    for (; head_size_ < wanted; input = input.subspan(1)) {
      if (input.empty()) return false;
      head_[head_size_++] = input.front();
    }

    const std::size_t mask_at = 2 + length_bytes_of(head_[1] & 0x7f);
    if (wanted == 2 && !validate_first_two(head_.data())) return false;
    if (head_size_ == mask_at && !decode_length(head_.data())) return false;
    if (head_size_ == mask_at + mask_bytes()) {
      std::copy_n(head_.begin() + mask_at, mask_bytes(), header_.mask.begin());
      head_size_ = 0;
      return true;
    }
    wanted = head_size_ < mask_at ? mask_at : mask_at + mask_bytes();
  }
}

bool FrameReader::validate_first_two(const std::uint8_t* head) {
  header_.fin = (head[0] & 0x80) != 0;
  header_.rsv = (head[0] >> 4) & 0x7;
  header_.opcode = static_cast<Opcode>(head[0] & 0x0f);
  header_.masked = (head[1] & 0x80) != 0;
  const std::uint8_t short_length = head[1] & 0x7f;

  // RFC 6455 section 5.2: RSV2 and RSV3 belong to no supported extension.
  if ((header_.rsv & 0x3) != 0) return refuse("Unexpected RSV bits");
  if (!is_known(header_.opcode)) return refuse("Unknown opcode");
  if (header_.masked != (role_ == Role::server)) {
    return refuse(header_.masked ? "Masked frame from a server" : "Unmasked frame");
  }
  if (is_control(header_.opcode)) {
    if (!header_.fin) return refuse("Fragmented control frame");
    if (short_length > kMaxControlPayload) return refuse("Control frame too long");
  }
  return true;
}

bool FrameReader::decode_length(const std::uint8_t* head) {
  header_.payload_size = head[1] & 0x7f;
  const std::size_t length_bytes = length_bytes_of(head[1] & 0x7f);
  if (length_bytes == 0) return true;
  header_.payload_size = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    header_.payload_size = header_.payload_size << 8 | head[2 + i];
  }
  // RFC 6455 section 5.2: the minimal number of bytes must be used.
  if (header_.payload_size <= (length_bytes == 2 ? 125u : 0xffffu)) {
    return refuse("Payload length not minimal");
  }
  // RFC 6455 section 5.2: the most significant bit must be 0. Such a length is over every limit:
  // protocol.md section 1 closes with 1009.
  if (header_.payload_size >> 63 != 0) {
    failure_ = {CloseCode::message_too_big, "Message too big"};
    stage_ = Stage::failed;
    return false;
  }
  return true;
}

bool FrameReader::refuse(std::string_view reason) {
  failure_ = {CloseCode::protocol_error, reason};
  stage_ = Stage::failed;
  return false;
}

}  // namespace wscast::ws
