#include "client/blocking_client.h"

#include <cerrno>
#include <poll.h>

namespace wscast::client {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kMaxHeadBytes = 64 * 1024;

std::chrono::steady_clock::time_point after(BlockingClient::Duration timeout) {
  return std::chrono::steady_clock::now() + timeout;
}

std::error_code last_error() {
  return {errno, std::system_category()};
}

/// `incoming` is not need_more.
Event::Kind kind_of(ws::Incoming::Kind kind) {
  switch (kind) {
    case ws::Incoming::Kind::text:
      return Event::Kind::text;
    case ws::Incoming::Kind::binary:
      return Event::Kind::binary;
    case ws::Incoming::Kind::ping:
      return Event::Kind::ping;
    case ws::Incoming::Kind::pong:
      return Event::Kind::pong;
    case ws::Incoming::Kind::close:
      return Event::Kind::close;
    default:
      return Event::Kind::failure;
  }
}

Event::Kind kind_of(const std::error_code& error) {
  if (error == std::errc::timed_out) return Event::Kind::timeout;
  return error == std::errc::no_message_available ? Event::Kind::end : Event::Kind::reset;
}

}  // namespace

std::error_code BlockingClient::connect(const Endpoint& endpoint, std::string_view target,
                                        const std::vector<Header>& headers, Duration timeout) {
  if (const auto error = open(endpoint, timeout)) return error;
  return upgrade(target, headers, timeout);
}

std::error_code BlockingClient::open(const Endpoint& endpoint, Duration timeout) {
  const Deadline deadline = after(timeout);
  endpoint_ = endpoint;
  response_ = {};
  assembler_ = std::make_unique<ws::MessageAssembler>(ws::Role::client, kMaxPayload);
  input_ = {};
  tls_.reset();
  auto error = std::make_error_code(std::errc::address_not_available);
  for (const Address& address : resolve(endpoint)) {
    error = open_address(address, deadline);
    if (!error) break;
  }
  if (error || tls_client_ == nullptr) return error;
  tls_ = std::make_unique<TlsSession>(*tls_client_, socket_.fd(), endpoint.host);
  return shake_hands(deadline);
}

std::error_code BlockingClient::shake_hands(Deadline deadline) {
  buffer_.resize(kReadBytes);
  while (!tls_->established()) {
    const ssize_t size = tls_->read(buffer_);
    if (size >= 0) return std::make_error_code(std::errc::protocol_error);
    if (errno != EAGAIN) return std::make_error_code(std::errc::protocol_error);
    if (tls_->established()) break;
    if (!socket_.wait(POLLIN, deadline)) return std::make_error_code(std::errc::timed_out);
  }
  return {};
}

std::error_code BlockingClient::open_address(const Address& address, Deadline deadline) {
  std::error_code error;
  socket_ = start_connect(address, error);
  if (error) return error;
  if (!socket_.wait(POLLOUT, deadline)) error = std::make_error_code(std::errc::timed_out);
  if (!error) error = socket_.pending_error();
  if (error) socket_.close();
  return error;
}

std::error_code BlockingClient::upgrade(std::string_view target, const std::vector<Header>& headers,
                                        Duration timeout) {
  const std::string key = make_upgrade_key(random_);
  const Url url{.endpoint = endpoint_, .target = std::string(target)};
  auto all_headers = headers;
  if (offer_) all_headers.push_back(extensions_header(*offer_));
  agreement_.reset();
  if (!send_raw(upgrade_request(url, key, all_headers))) return last_error();
  if (const auto error = read_head(after(timeout))) return error;
  if (grants_upgrade(response_, key)) return read_deflate_response();
  return std::make_error_code(std::errc::connection_refused);
}

std::error_code BlockingClient::read_deflate_response() {
  if (!offer_) return {};
  const auto [valid, agreement] = deflate_response(response_, *offer_);
  agreement_ = agreement;
  return valid ? std::error_code() : std::make_error_code(std::errc::protocol_error);
}

std::error_code BlockingClient::read_response(Duration timeout) {
  return read_head(after(timeout));
}

std::error_code BlockingClient::read_head(Deadline deadline) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  response_ = {};
  std::string head;
  while (head.size() <= kMaxHeadBytes) {
    const std::string_view piece(reinterpret_cast<const char*>(input_.data()), input_.size());
    const std::size_t before = head.size();
    head += piece;
    const auto end = head.find(kEnd);
    if (end != std::string::npos) {
      // What follows the head in this piece is the first frames, or a body.
      input_ = input_.subspan(end + kEnd.size() - before);
      auto parsed = parse_response_head(std::string_view(head).substr(0, end + kEnd.size()));
      if (!parsed) break;
      response_ = std::move(*parsed);
      return {};
    }
    if (const auto error = fill(deadline)) return error;
  }
  return std::make_error_code(std::errc::protocol_error);
}

bool BlockingClient::send_frame(ws::Opcode opcode, std::string_view payload, bool fin) {
  std::string bytes;
  masker_.append(bytes, {.opcode = opcode, .fin = fin}, payload);
  return send_raw(bytes);
}

bool BlockingClient::send_compressed(ws::Opcode opcode, std::string_view message) {
  const auto payload = codec_.compress(*agreement_, message);
  if (!payload) return send_frame(opcode, message);
  std::string bytes;
  masker_.append(bytes, {.opcode = opcode, .rsv = ws::kRsv1}, *payload);
  return send_raw(bytes);
}

bool BlockingClient::send_close(std::uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return send_frame(ws::Opcode::close, payload.append(reason));
}

bool BlockingClient::send_raw(std::string_view bytes) {
  const Deadline deadline = after(kPatience);
  while (!bytes.empty()) {
    const ssize_t sent = send_some(bytes);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!socket_.wait(POLLOUT, deadline)) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

ssize_t BlockingClient::send_some(std::string_view bytes) {
  if (tls_) return tls_->write(bytes);
  return ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

Event BlockingClient::receive(Duration timeout) {
  const Deadline deadline = after(timeout);
  while (true) {
    if (auto event = next_buffered()) return std::move(*event);
    if (const auto error = fill(deadline)) return {.kind = kind_of(error)};
  }
}

std::optional<Event> BlockingClient::next_buffered() {
  const ws::Inflation inflation{.inflater = agreement_ ? &codec_.inflater() : nullptr,
                                .max_message = kMaxPayload};
  const ws::Incoming incoming = assembler_->next(input_, inflation);
  if (incoming.kind == ws::Incoming::Kind::need_more) return std::nullopt;
  const bool failed = incoming.kind == ws::Incoming::Kind::failure;
  return Event{.kind = kind_of(incoming.kind),
               .payload = std::string(failed ? incoming.reason : incoming.text()),
               .code = incoming.code};
}

std::string BlockingClient::receive_raw(Duration timeout) {
  if (input_.empty() && fill(after(timeout))) return {};
  std::string bytes(input_.begin(), input_.end());
  input_ = {};
  return bytes;
}

std::string BlockingClient::receive_raw_all(Duration timeout) {
  const Deadline deadline = after(timeout);
  std::string bytes;
  do {
    bytes.append(input_.begin(), input_.end());
    input_ = {};
  } while (!fill(deadline));
  return bytes;
}

/// Reads the next bytes into the empty input_. `no_message_available`: the server sent its FIN.
std::error_code BlockingClient::fill(Deadline deadline) {
  buffer_.resize(kReadBytes);
  while (true) {
    if (!socket_.wait(POLLIN, deadline)) return std::make_error_code(std::errc::timed_out);
    const ssize_t size =
        tls_ ? tls_->read(buffer_) : ::recv(socket_.fd(), buffer_.data(), buffer_.size(), 0);
    if (size > 0) {
      input_ = std::span(buffer_).first(static_cast<std::size_t>(size));
      return {};
    }
    if (size == 0) return std::make_error_code(std::errc::no_message_available);
    if (errno != EAGAIN && errno != EINTR) return last_error();
  }
}

void BlockingClient::shutdown_write() {
  if (tls_) tls_->shutdown_write();
  ::shutdown(socket_.fd(), SHUT_WR);
}

}  // namespace wscast::client
