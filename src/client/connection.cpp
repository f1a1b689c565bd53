#include "client/connection.h"

#include <cerrno>
#include <utility>

#include "ws/close_code.h"

namespace wscast::client {
namespace {

constexpr std::size_t kMaxHeadBytes = 64 * 1024;

/// The payload of the close frame sent in response to one (RFC 6455 section 5.5.1).
std::string close_payload(const ws::Incoming& incoming) {
  if (incoming.code == to_number(ws::CloseCode::no_status)) return {};
  return {static_cast<char>(incoming.code >> 8), static_cast<char>(incoming.code & 0xff)};
}

}  // namespace

Connection::Connection(Socket socket, Upgrade upgrade, std::uint64_t max_payload,
                       DeflateCodec& codec, std::unique_ptr<TlsSession> tls)
    : socket_(std::move(socket)),
      tls_(std::move(tls)),
      out_(std::move(upgrade.request)),
      upgrade_(std::move(upgrade)),
      assembler_(ws::Role::client, max_payload),
      max_payload_(max_payload),
      codec_(codec) {}

void Connection::queue(FrameMasker& masker, ws::Opcode opcode, std::string_view payload) {
  if (state_ == State::closed) return;
  masker.append(out_, {.opcode = opcode}, payload);
}

void Connection::flush() {
  if (out_.empty() || state_ == State::connecting || state_ == State::closed) return;
  const ssize_t sent =
      tls_ ? tls_->write(out_) : ::send(socket_.fd(), out_.data(), out_.size(), MSG_NOSIGNAL);
  if (sent >= 0) {
    out_.erase(0, static_cast<std::size_t>(sent));
  } else if (errno != EAGAIN && errno != EINTR) {
    close("sending failed");
  }
}

void Connection::on_writable() {
  if (state_ == State::connecting) {
    if (socket_.pending_error()) return close("connecting failed");
    state_ = State::upgrading;
  }
  flush();
}

void Connection::on_readable(std::span<std::uint8_t> buffer, FrameMasker& masker,
                             Handler& handler) {
  const ssize_t size =
      tls_ ? tls_->read(buffer) : ::recv(socket_.fd(), buffer.data(), buffer.size(), 0);
  if (size == 0) return close("ended by the server");
  if (size < 0) {
    if (errno != EAGAIN && errno != EINTR) close("receiving failed");
    return;
  }
  auto input = buffer.first(static_cast<std::size_t>(size));
  if (state_ == State::upgrading) read_head(input, handler);
  if (state_ == State::open) read_messages(input, masker, handler);
}

void Connection::read_head(std::span<std::uint8_t>& input, Handler& handler) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const std::size_t before = head_.size();
  head_.append(reinterpret_cast<const char*>(input.data()), input.size());
  const auto end = head_.find(kEnd);
  if (end == std::string::npos) {
    if (head_.size() > kMaxHeadBytes) close("response head too long");
    return;
  }
  input = input.subspan(end + kEnd.size() - before);
  const auto head = parse_response_head(std::string_view(head_).substr(0, end + kEnd.size()));
  if (!accepts(head)) return close("upgrade refused");
  state_ = State::open;
  head_ = {};
  upgrade_ = {};
  handler.on_open();
}

bool Connection::accepts(const std::optional<ResponseHead>& head) {
  if (head) response_status_ = head->status;
  if (!head || !grants_upgrade(*head, upgrade_.key)) return false;
  if (!upgrade_.deflate) return true;
  const auto [valid, agreement] = deflate_response(*head, *upgrade_.deflate);
  agreement_ = agreement;
  return valid;
}

void Connection::read_messages(std::span<std::uint8_t> input, FrameMasker& masker,
                               Handler& handler) {
  const ws::Inflation inflation{.inflater = agreement_ ? &codec_.inflater() : nullptr,
                                .max_message = max_payload_};
  while (state_ == State::open) {
    const ws::Incoming incoming = assembler_.next(input, inflation);
    switch (incoming.kind) {
      case ws::Incoming::Kind::need_more:
        return;
      case ws::Incoming::Kind::text:
      case ws::Incoming::Kind::binary:
        handler.on_message(incoming.text());
        break;
      case ws::Incoming::Kind::ping:
        queue(masker, ws::Opcode::pong, incoming.text());
        break;
      case ws::Incoming::Kind::pong:
        break;
      case ws::Incoming::Kind::close:
        close_code_ = incoming.code;
        close_reason_ = incoming.text();
        queue(masker, ws::Opcode::close, close_payload(incoming));
        flush();
        return close("close frame received");
      case ws::Incoming::Kind::failure:
        return close("the server broke the WebSocket protocol");
    }
  }
}

void Connection::close(std::string_view cause) {
  if (state_ == State::closed) return;
  state_ = State::closed;
  close_cause_ = cause;
  out_ = {};
  socket_.close();
}

}  // namespace wscast::client
