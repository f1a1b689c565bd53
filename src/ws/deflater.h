#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

struct z_stream_s;

namespace wscast::ws {

/// Compresses messages for permessage-deflate (RFC 7692 section 7.2.1), each by itself, so that any
/// number of peers can read them. Its output is there until the next message. One thread at a time.
class Deflater {
 public:
  /// Memory: about 2^(window_bits + 2) + 2^(memory_level + 9) bytes. `window_bits`: 9 to 15;
  /// `level` and `memory_level`: zlib's, 1 to 9. Throws std::bad_alloc without that memory.
  Deflater(int window_bits, int level, int memory_level);
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  /// Returns the payload of the frame that carries `message`; valid until the next call.
  /// `std::nullopt`: it would be longer than `limit` bytes.
  std::optional<std::span<const std::uint8_t>> deflate(std::span<const std::uint8_t> message,
                                                       std::size_t limit);

 private:
  bool feed(std::span<const std::uint8_t> input, int flush, std::span<std::uint8_t>& room);

  std::unique_ptr<z_stream_s> stream_;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace wscast::ws
