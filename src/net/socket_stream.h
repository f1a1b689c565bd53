#pragma once

#include <sys/types.h>

#include <memory>

#include "net/admission.h"
#include "net/fd.h"
#include "net/stream.h"

namespace wscast::net {

/// What a send or receive that did not wait came to: bytes, or an error number below 0.
IoResult io_result(ssize_t result);

/// A connected, non-blocking TCP or Unix socket.
class SocketStream final : public Stream {
 public:
  /// `admission`: counts the connection against a limit until this is destroyed; may be null.
  SocketStream(Fd socket, std::unique_ptr<Admission> admission)
      : admission_(std::move(admission)), socket_(std::move(socket)) {}

  /// The peer sees the end even while a forked process holds a duplicate of the descriptor.
  ~SocketStream() override;

  IoResult read(std::span<std::uint8_t> into) override;
  IoResult write(std::span<const iovec> pieces) override;
  int send_descriptor() const override { return socket_.get(); }
  void shutdown_write() override;
  std::size_t unacknowledged() const override;
  void abort() override { aborted_ = true; }
  ProxiedClient* proxied() override { return admission_ ? admission_->proxied() : nullptr; }
  std::optional<IpAddress> client_address() const override;
  std::string remote_address() const override;
  int descriptor() const { return socket_.get(); }

 private:
  std::unique_ptr<Admission> admission_;
  Fd socket_;
  bool aborted_ = false;
};

}  // namespace wscast::net
