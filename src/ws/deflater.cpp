#include "ws/deflater.h"

#include <algorithm>
#include <new>
#include <zlib.h>

namespace wscast::ws {
namespace {

constexpr std::size_t kKeptBuffer = 256 * 1024;
constexpr std::size_t kChunk = std::size_t{1} << 30;  // zlib counts in 32 bits.

/// RFC 7692 section 7.2.1: "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end."
constexpr std::size_t kTailBytes = 4;

}  // namespace

Deflater::Deflater(int window_bits, int level, int memory_level)
    : stream_(std::make_unique<z_stream>()) {
  // Negative: without zlib's header.
  if (deflateInit2(stream_.get(), level, Z_DEFLATED, -window_bits, memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
}

Deflater::~Deflater() {
  deflateEnd(stream_.get());
}

std::optional<std::span<const std::uint8_t>> Deflater::deflate(
    std::span<const std::uint8_t> message, std::size_t limit) {
  if (buffer_.size() > kKeptBuffer) buffer_ = {};
  // One byte more than may be used shows that the output is longer.
  const std::size_t capacity = limit + kTailBytes + 1;
  if (buffer_.size() < capacity) buffer_.resize(capacity);
  deflateReset(stream_.get());
  auto room = std::span(buffer_).first(capacity);
  while (message.size() > kChunk) {
    if (!feed(message.first(kChunk), Z_NO_FLUSH, room)) return std::nullopt;
    message = message.subspan(kChunk);
  }
  if (!feed(message, Z_SYNC_FLUSH, room)) return std::nullopt;
  return std::span(buffer_).first(capacity - room.size() - kTailBytes);
}

/// Returns false when `room`, whose rest it leaves, is used up.
bool Deflater::feed(std::span<const std::uint8_t> input, int flush, std::span<std::uint8_t>& room) {
  stream_->next_in = const_cast<Bytef*>(input.data());
  stream_->avail_in = static_cast<uInt>(input.size());
  do {
    const auto piece = room.first(std::min(room.size(), kChunk));
    stream_->next_out = piece.data();
    stream_->avail_out = static_cast<uInt>(piece.size());
    ::deflate(stream_.get(), flush);
    room = room.subspan(piece.size() - stream_->avail_out);
    if (room.empty()) return false;
  } while (stream_->avail_out == 0);
  return true;
}

}  // namespace wscast::ws
