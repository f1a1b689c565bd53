#include "ws/inflater.h"

#include <algorithm>
#include <array>
#include <new>
#include <utility>
#include <zlib.h>

namespace wscast::ws {
namespace {

constexpr int kRawWindow = -15;  // Negative: without zlib's header. The largest reads them all.
constexpr std::size_t kFirstRoom = 16 * 1024;
constexpr std::size_t kKeptBuffer = 256 * 1024;
constexpr std::size_t kChunk = std::size_t{1} << 30;  // zlib counts in 32 bits.

/// Section 7.2.2: "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of the
/// message."
constexpr std::array<std::uint8_t, 4> kTail{0x00, 0x00, 0xff, 0xff};

}  // namespace

Inflater::Inflater() : stream_(std::make_unique<z_stream>()) {
  if (inflateInit2(stream_.get(), kRawWindow) != Z_OK) throw std::bad_alloc();
}

Inflater::~Inflater() {
  inflateEnd(stream_.get());
}

Inflater::Result Inflater::inflate(std::span<const std::uint8_t> payload, std::uint64_t limit) {
  begin_message();
  // A compressor that flushes twice in a row has nothing to add: zlib's then writes no byte.
  if (payload.empty()) return {};
  Outcome outcome = feed(payload, limit);
  // Section 7.2.3.4: the last block may have BFINAL set; a byte 0x00 should follow it, and need not
  // for what is complete without it.
  if (outcome == Outcome::ok && !after_final_) {
    outcome = feed(kTail, limit);
    if (outcome == Outcome::ok && !at_block_boundary()) outcome = Outcome::invalid;
  }
  if (outcome != Outcome::ok) return {.outcome = outcome};
  return {.outcome = outcome, .message = std::span(buffer_).first(size_)};
}

void Inflater::begin_message() {
  if (buffer_.size() > kKeptBuffer) buffer_ = {};
  size_ = 0;
  after_final_ = false;
  inflateReset(stream_.get());
}

Inflater::Outcome Inflater::feed(std::span<const std::uint8_t> input, std::uint64_t limit) {
  while (!input.empty()) {
    const auto chunk = input.first(std::min(input.size(), kChunk));
    const Outcome outcome = feed_chunk(chunk, limit);
    if (outcome != Outcome::ok) return outcome;
    input = input.subspan(chunk.size());
  }
  return Outcome::ok;
}

Inflater::Outcome Inflater::feed_chunk(std::span<const std::uint8_t> input, std::uint64_t limit) {
  stream_->next_in = const_cast<Bytef*>(input.data());
  stream_->avail_in = static_cast<uInt>(input.size());
  while (true) {
    // RFC 1951 section 3.2.3: a block with BFINAL set ends a set of data; what follows is another
    // one, and refers to nothing in the first. Section 7.2.1 of RFC 7692 allows it.
    if (std::exchange(after_final_, false)) inflateReset(stream_.get());
    const auto room = make_room(limit);
    stream_->next_out = room.data();
    stream_->avail_out = static_cast<uInt>(room.size());
    const int result = ::inflate(stream_.get(), Z_SYNC_FLUSH);
    size_ += room.size() - stream_->avail_out;
    if (size_ > limit) return Outcome::too_big;
    after_final_ = result == Z_STREAM_END;
    if (!after_final_ && result != Z_OK && result != Z_BUF_ERROR) return Outcome::invalid;
    const bool flushed = after_final_ || stream_->avail_out > 0;
    if (stream_->avail_in == 0 && flushed) return Outcome::ok;
  }
}

/// One byte more than the limit shows that a message is longer.
std::span<std::uint8_t> Inflater::make_room(std::uint64_t limit) {
  const std::uint64_t most = std::max(limit, limit + 1);
  if (size_ == buffer_.size()) {
    buffer_.resize(std::min(std::max<std::uint64_t>(kFirstRoom, 2 * size_), most));
  }
  const std::size_t end = std::min<std::uint64_t>(buffer_.size(), most);
  return std::span(buffer_).subspan(size_, std::min(end - size_, kChunk));
}

/// zlib.h, inflate(): 128 in `data_type` says that a block has ended or one has yet to begin, its
/// three lowest bits how many bits are left over.
bool Inflater::at_block_boundary() const {
  return (stream_->data_type & 128) != 0 && (stream_->data_type & 7) == 0;
}

}  // namespace wscast::ws
