#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>

#include "net/proxied_client.h"
#include "net/stream.h"

namespace wscast::net {

/// What a peer sends, piece by piece; nothing comes behind the last piece yet.
class ScriptedStream : public Stream {
 public:
  IoResult read(std::span<std::uint8_t> into) override {
    if (pieces.empty()) return {at_end};
    std::string& piece = pieces.front();
    const std::size_t size = std::min(into.size(), piece.size());
    std::memcpy(into.data(), piece.data(), size);
    piece.erase(0, size);
    if (piece.empty()) pieces.pop_front();
    return {IoStatus::ok, size};
  }
  IoResult write(std::span<const iovec> out) override {
    std::size_t size = 0;
    for (const iovec& piece : out) {
      written.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
      size += piece.iov_len;
    }
    return {IoStatus::ok, size};
  }
  void shutdown_write() override { ++shutdowns; }
  std::size_t unacknowledged() const override { return 7; }
  void abort() override { ++aborts; }
  ProxiedClient* proxied() override { return client; }
  std::string remote_address() const override { return "10.0.0.1"; }

  std::deque<std::string> pieces;
  IoStatus at_end = IoStatus::would_block;
  ProxiedClient* client = nullptr;
  std::string written;
  int shutdowns = 0;
  int aborts = 0;
};

/// Everything that can be read now, at most `size` bytes at a time, and how it ended.
inline std::string read_all(Stream& stream, std::size_t size, IoStatus& status) {
  std::string all;
  std::string buffer(size, '\0');
  while (true) {
    const IoResult result =
        stream.read({reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size()});
    status = result.status;
    if (result.status != IoStatus::ok) return all;
    all += buffer.substr(0, result.bytes);
  }
}

}  // namespace wscast::net
