#pragma once

#include "net/fd.h"
#include "net/stream.h"

namespace wscast::net {

/// A connected, non-blocking TCP or Unix socket.
class SocketStream final : public Stream {
 public:
  explicit SocketStream(Fd socket) : socket_(std::move(socket)) {}

  IoResult read(std::span<std::uint8_t> into) override;
  IoResult write(std::span<const iovec> pieces) override;
  void shutdown_write() override;
  void abort() override;
  std::string remote_address() const override;

 private:
  Fd socket_;
};

}  // namespace wscast::net
