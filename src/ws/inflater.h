#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

struct z_stream_s;

namespace wscast::ws {

/// Decompresses messages of permessage-deflate (RFC 7692 section 7.2.2), each by itself and whole.
/// One for any number of connections that take no context over; its output is there until the next
/// message. One thread at a time.
class Inflater {
 public:
  enum class Outcome : std::uint8_t {
    ok,
    invalid,  ///< The payload is not deflate data, or ends inside a block.
    too_big,  ///< The message is longer than the limit.
  };

  struct Result {
    Outcome outcome = Outcome::ok;
    std::span<std::uint8_t> message{};  ///< Of `ok`; valid until the next call.
  };

  /// Throws std::bad_alloc when there is no memory for the context (about 40 KiB).
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Inflates the payload of one message, all its fragments joined. Stops at `limit` bytes of
  /// output, so that a short payload cannot make a long message.
  Result inflate(std::span<const std::uint8_t> payload, std::uint64_t limit);

 private:
  Outcome feed(std::span<const std::uint8_t> input, std::uint64_t limit);
  Outcome feed_chunk(std::span<const std::uint8_t> input, std::uint64_t limit);
  std::span<std::uint8_t> make_room(std::uint64_t limit);
  void begin_message();
  bool at_block_boundary() const;

  std::unique_ptr<z_stream_s> stream_;
  std::vector<std::uint8_t> buffer_;
  std::size_t size_ = 0;      ///< Bytes of the message in `buffer_`.
  bool after_final_ = false;  ///< A block with BFINAL set has just ended.
};

}  // namespace wscast::ws
