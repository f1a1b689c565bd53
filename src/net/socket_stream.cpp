#include "net/socket_stream.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>

#include <linux/sockios.h>

#include "net/endpoint.h"
#include "net/proxied_client.h"

namespace wscast::net {
namespace {

IoResult result_of(ssize_t moved) {
  return io_result(moved >= 0 ? moved : -errno);
}

/// Dissolves the connection: TCP sends a reset at once, and no FIN before it. False: not by TCP.
bool reset(int socket) {
  const sockaddr none{.sa_family = AF_UNSPEC, .sa_data = {}};
  return ::connect(socket, &none, sizeof none) == 0;
}

}  // namespace

IoResult io_result(ssize_t result) {
  if (result >= 0) return {IoStatus::ok, static_cast<std::size_t>(result)};
  const bool later = result == -EAGAIN || result == -EWOULDBLOCK || result == -EINTR;
  return {later ? IoStatus::would_block : IoStatus::error};
}

SocketStream::~SocketStream() {
  if (!aborted_ || !reset(socket_.get())) ::shutdown(socket_.get(), SHUT_RDWR);
}

IoResult SocketStream::read(std::span<std::uint8_t> into) {
  const ssize_t received = ::recv(socket_.get(), into.data(), into.size(), 0);
  return received == 0 ? IoResult{IoStatus::end} : result_of(received);
}

IoResult SocketStream::write(std::span<const iovec> pieces) {
  if (pieces.size() == 1) {  // send() costs less than sendmsg().
    return result_of(::send(socket_.get(), pieces[0].iov_base, pieces[0].iov_len, MSG_NOSIGNAL));
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  return result_of(::sendmsg(socket_.get(), &message, MSG_NOSIGNAL));
}

void SocketStream::shutdown_write() {
  ::shutdown(socket_.get(), SHUT_WR);
}

std::size_t SocketStream::unacknowledged() const {
  int bytes = 0;
  return ::ioctl(socket_.get(), SIOCOUTQ, &bytes) == 0 ? static_cast<std::size_t>(bytes) : 0;
}

std::optional<IpAddress> SocketStream::client_address() const {
  const ProxiedClient* client = admission_ ? admission_->proxied() : nullptr;
  return client != nullptr ? client->counted_address() : Endpoint::peer_of(socket_.get()).ip();
}

std::string SocketStream::remote_address() const {
  const ProxiedClient* client = admission_ ? admission_->proxied() : nullptr;
  if (client != nullptr && client->address()) return client->address()->text();
  return Endpoint::peer_of(socket_.get()).host();
}

}  // namespace wscast::net
