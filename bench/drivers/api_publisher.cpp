#include "api_publisher.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <poll.h>
#include <system_error>
#include <utility>

#include "load.h"

namespace wscast::bench {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::string_view kStatus = "HTTP/1.1 ";
constexpr std::string_view kLength = "Content-Length: ";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

/// The number behind `before`; throws LoadFailure without one.
std::size_t number_behind(std::string_view head, std::string_view before) {
  const std::size_t at = head.find(before);
  std::size_t number = 0;
  if (at == head.npos) throw LoadFailure("a response of the API is not as expected");
  std::from_chars(head.data() + at + before.size(), head.data() + head.size(), number);
  return number;
}

client::Socket connect(const client::Endpoint& endpoint) {
  const auto addresses = client::resolve(endpoint);
  std::error_code error = std::make_error_code(std::errc::address_not_available);
  client::Socket socket;
  if (!addresses.empty()) socket = client::start_connect(addresses.front(), error);
  const bool done = socket && socket.wait(POLLOUT, std::chrono::steady_clock::now() + kPatience);
  if (!done || socket.pending_error()) throw LoadFailure("the API cannot be reached");
  return socket;
}

}  // namespace

ApiPublisher::ApiPublisher(const client::Endpoint& endpoint, std::string key,
                           OnResponse on_response)
    : socket_(connect(endpoint)),
      head_("POST /api/v1/publish HTTP/1.1\r\nHost: " + client::host_header(endpoint) +
            "\r\nAuthorization: Bearer " + key + "\r\nContent-Length: "),
      on_response_(std::move(on_response)) {}

void ApiPublisher::publish(std::string_view body, std::size_t tag) {
  out_.append(head_).append(std::to_string(body.size())).append(kHeadEnd).append(body);
  tags_.push_back(tag);
}

void ApiPublisher::turn() {
  send();
  receive();
}

void ApiPublisher::send() {
  while (open() && !out_.empty()) {
    const auto sent = ::send(socket_.fd(), out_.data(), out_.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN && errno != EINTR) socket_.close();
      return;
    }
    out_.erase(0, static_cast<std::size_t>(sent));
  }
}

/// What came before the end of the connection counts.
void ApiPublisher::receive() {
  std::array<char, kReadBytes> buffer;
  while (open()) {
    const auto size = ::recv(socket_.fd(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) return socket_.close();
    in_.append(buffer.data(), static_cast<std::size_t>(size));
    while (take_response()) {
    }
  }
}

bool ApiPublisher::take_response() {
  const std::size_t end = in_.find(kHeadEnd);
  if (end == in_.npos) return false;
  const std::string_view head(in_.data(), end + kHeadEnd.size());
  const std::size_t size = head.size() + number_behind(head, kLength);
  if (in_.size() < size) return false;
  if (tags_.empty()) throw LoadFailure("the API sent a response to nothing");
  const std::size_t tag = tags_.front();
  tags_.pop_front();
  on_response_(tag, static_cast<int>(number_behind(head, kStatus)),
               std::string_view(in_).substr(head.size(), size - head.size()));
  in_.erase(0, size);
  return true;
}

}  // namespace wscast::bench
