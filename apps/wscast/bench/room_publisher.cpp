#include "bench/room_publisher.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <poll.h>
#include <stdexcept>
#include <system_error>

#include "bench/bench_failure.h"
#include "bench/numbered_text.h"
#include "broker/redis/discovery/redis_url.h"
#include "broker/redis/resp/command.h"
#include "protocol/backplane_message.h"
#include "protocol/channel.h"

namespace wscast::program {
namespace {

constexpr std::string_view kEvent = "b";

std::chrono::steady_clock::time_point patience() {
  return std::chrono::steady_clock::now() + Watchdog::kPatience;
}

client::Endpoint endpoint_of(const redis::Host& host) {
  if (host.port == 0) return {.unix_path = host.name};
  return {.host = host.name, .port = host.port};
}

redis::RedisUrl parsed(const std::string& url) {
  std::string fault;
  const auto parts = redis::parse_redis_url(url, fault);
  if (!parts) throw std::invalid_argument("--redis: " + fault);
  if (parts->kind != redis::RedisUrl::Kind::single || parts->tls) {
    throw std::invalid_argument("--redis: bench redis needs a single Redis without TLS");
  }
  return *parts;
}

client::Socket connected(const redis::RedisUrl& url) {
  const std::string where = "Redis at " + url.hosts.front().text();
  const auto addresses = client::resolve(endpoint_of(url.hosts.front()));
  if (addresses.empty()) throw BenchFailure(kUnreachable, where + ": the host is unknown");
  std::error_code error;
  client::Socket socket = client::start_connect(addresses.front(), error);
  if (!error && socket.wait(POLLOUT, patience())) error = socket.pending_error();
  if (error) throw BenchFailure(kUnreachable, where + ": " + error.message());
  return socket;
}

}  // namespace

void ClientPublisher::publish(std::uint64_t number, std::string_view text) {
  if (message_.empty()) {
    message_ = clients_.dialect().publish(arguments_.room, arguments_.publish_event, text);
    text_ = message_.find(text);
  }
  NumberedText::write(&message_[text_], number);
  clients_.send(number % arguments_.publishers, message_);
}

RedisPublisher::RedisPublisher(const std::string& url, std::string_view room,
                               std::string_view client_id)
    : room_(room),
      client_id_(client_id),
      channel_(client_id.empty() ? protocol::room_channel(room)
                                 : protocol::client_channel(client_id)) {
  const redis::RedisUrl parts = parsed(url);
  socket_ = connected(parts);
  redis::append_auth(out_, parts.user, parts.password);
}

void RedisPublisher::publish(std::uint64_t, std::string_view text) {
  using protocol::BackplaneTarget;
  const std::string data = '"' + std::string(text) + '"';
  const std::string envelope = protocol::backplane_message(
      {.server_id = protocol::kEmitterId,
       .type = client_id_.empty() ? BackplaneTarget::room : BackplaneTarget::client,
       .target = client_id_.empty() ? room_ : client_id_,
       .event = kEvent,
       .data = data});
  redis::append_command(out_, {"PUBLISH", channel_, envelope});
}

void RedisPublisher::flush() {
  std::string_view rest = out_;
  while (!rest.empty()) {
    const ssize_t sent = ::send(socket_.fd(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN || !socket_.wait(POLLOUT, patience())) {
      throw BenchFailure(kFailed, "Redis has ended the connection");
    }
    discard_replies();
  }
  out_.clear();
}

void RedisPublisher::discard_replies() {
  std::array<char, 16 * 1024> replies;
  ssize_t size = 0;
  while ((size = ::recv(socket_.fd(), replies.data(), replies.size(), 0)) > 0) {
    const std::string_view text(replies.data(), static_cast<std::size_t>(size));
    if (!text.starts_with('-')) continue;
    throw BenchFailure(kRefused, "Redis: " + std::string(text.substr(1, text.find('\r') - 1)));
  }
}

}  // namespace wscast::program
