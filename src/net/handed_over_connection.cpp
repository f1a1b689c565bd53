#include "wscast/handed_over_connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "net/released_connection.h"

namespace wscast {
namespace {

using net::IoResult;
using net::IoStatus;

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;  // TLS needs over half of it.

Transfer transfer_of(const IoResult& result) {
  using enum Transfer::Status;
  switch (result.status) {
    case IoStatus::ok:
      return {ok, result.bytes};
    case IoStatus::would_block:
      return {would_block};
    case IoStatus::end:
      return {end};
    case IoStatus::error:
      break;
  }
  return {error};
}

}  // namespace

HandedOverConnection::HandedOverConnection(std::unique_ptr<net::ReleasedConnection> connection)
    : connection_(std::move(connection)),
      held_(connection_->take_received()),
      remote_address_(connection_->stream().remote_address()),
      descriptor_(connection_->descriptor()),
      encrypted_(connection_->stream().encrypted()) {}

HandedOverConnection::~HandedOverConnection() = default;
HandedOverConnection::HandedOverConnection(HandedOverConnection&& other) noexcept = default;
HandedOverConnection& HandedOverConnection::operator=(HandedOverConnection&& other) noexcept =
    default;

/// A read decrypts all that has come, which may be more than `into` has room for.
Transfer HandedOverConnection::read(std::span<char> into) {
  if (held_.empty()) {
    thread_local std::array<std::uint8_t, kReadBytes> buffer;
    const IoResult result = connection_->stream().read(buffer);
    if (result.status != IoStatus::ok) return transfer_of(result);
    held_.assign(reinterpret_cast<const char*>(buffer.data()), result.bytes);
  }
  const std::size_t size = std::min(into.size(), held_.size());
  std::copy_n(held_.begin(), size, into.begin());
  held_.erase(0, size);
  return {Transfer::Status::ok, size};
}

Transfer HandedOverConnection::write(std::string_view bytes) {
  const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
  return transfer_of(connection_->stream().write({&piece, 1}));
}

void HandedOverConnection::shutdown_write() {
  connection_->stream().shutdown_write();
}

void HandedOverConnection::refuse() noexcept {
  connection_->note_refused();
  connection_.reset();
}

void HandedOverConnection::give_back(std::string_view read_ahead) {
  const auto connection = std::exchange(connection_, nullptr);
  held_.insert(0, read_ahead);
  connection->go_back(std::exchange(held_, {}));
}

}  // namespace wscast
