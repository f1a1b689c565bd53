#pragma once

#include <memory>

#include "net/address_limiter.h"
#include "net/fd.h"
#include "net/stream.h"

namespace wscast::net {

/// A connected, non-blocking TCP or Unix socket.
class SocketStream final : public Stream {
 public:
  /// `ticket`: its place among the connections of its address; may be null.
  SocketStream(Fd socket, std::unique_ptr<AddressLimiter::Ticket> ticket)
      : socket_(std::move(socket)), ticket_(std::move(ticket)) {}

  IoResult read(std::span<std::uint8_t> into) override;
  IoResult write(std::span<const iovec> pieces) override;
  void shutdown_write() override;
  void abort() override;
  std::string remote_address() const override;

 private:
  Fd socket_;
  std::unique_ptr<AddressLimiter::Ticket> ticket_;
};

}  // namespace wscast::net
