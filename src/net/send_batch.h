#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "net/stream.h"

namespace wscast::net {

class Connection;

/// One send() of a SendBatch. `ok` and 0 bytes: it was not tried.
struct BatchedSend {
  Connection* connection = nullptr;
  int descriptor = -1;
  EncodedBytes encoded{};
  IoResult result{};
};

/// What several connections write, each one piece, until one system call sends it all. What is to
/// be sent, and the connections, must stay until then. Allocates nothing. Shard thread only.
class SendBatch {
 public:
  static constexpr std::size_t kMost = 128;

  /// `scratch`: memory for what does not lie in one piece.
  explicit SendBatch(std::span<std::uint8_t> scratch) : scratch_(scratch) {}

  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == kMost; }

  /// Memory for `size` bytes until clear(); empty: that much is not left.
  std::span<std::uint8_t> take_scratch(std::size_t size) {
    if (size > scratch_.size() - used_scratch_) return {};
    used_scratch_ += size;
    return scratch_.subspan(used_scratch_ - size, size);
  }

  /// Not when it is full.
  void add(Connection* connection, int descriptor, const EncodedBytes& encoded) {
    sends_[size_++] = {.connection = connection, .descriptor = descriptor, .encoded = encoded};
  }

  std::span<BatchedSend> sends() { return std::span(sends_).first(size_); }

  void clear() { size_ = used_scratch_ = 0; }

 private:
  std::array<BatchedSend, kMost> sends_{};
  std::size_t size_ = 0;
  std::span<std::uint8_t> scratch_;
  std::size_t used_scratch_ = 0;
};

}  // namespace wscast::net
