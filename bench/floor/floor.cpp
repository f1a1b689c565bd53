// The smallest epoll server that does the system calls of an echo or a fan-out and nothing else:
// what wscast is measured against. It trusts its clients: no limits, no UTF-8, no queues.
//
//   floor --listen 127.0.0.1:0 --mode echo|fanout

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <poll.h>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "wscast/descriptor_limit.h"

#include "client/socket.h"
#include "client/url.h"
#include "ws/frame_header.h"
#include "ws/mask.h"
#include "ws/opening_handshake.h"

namespace wscast::bench {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr int kSendBufferBytes = 256 * 1024;  // protocol.md T13
constexpr int kBacklog = 4096;
constexpr std::string_view kConnected =
    R"({"event":"connected","data":{"id":"00000000-0000-4000-8000-000000000000",)"
    R"("userId":"u","time":"2026-01-01T00:00:00.000Z"}})";

enum class Mode { echo, fanout };

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

struct Client {
  int fd = -1;
  std::size_t place = 0;  ///< In Floor's list.
  bool upgraded = false;
  std::string rest;  ///< Of the last read: the start of a frame or of the request.
};

struct Frame {
  ws::Opcode opcode = ws::Opcode::text;
  std::span<std::uint8_t> payload;

  std::string_view text() const {
    return {reinterpret_cast<const char*>(payload.data()), payload.size()};
  }
};

std::uint64_t big_endian(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

/// Takes a complete masked frame off the front of `input` and unmasks it.
std::optional<Frame> take_frame(std::span<std::uint8_t>& input) {
  if (input.size() < 6) return std::nullopt;
  std::uint64_t size = input[1] & 0x7f;
  const std::size_t length_bytes = size < 126 ? 0 : size == 126 ? 2 : 8;
  const std::size_t head_size = 2 + length_bytes + 4;
  if (input.size() < head_size) return std::nullopt;
  if (length_bytes != 0) size = big_endian(input.subspan(2, length_bytes));
  if (input.size() - head_size < size) return std::nullopt;
  ws::MaskKey key;
  std::memcpy(key.data(), &input[head_size - key.size()], key.size());
  const Frame frame{static_cast<ws::Opcode>(input[0] & 0x0f), input.subspan(head_size, size)};
  ws::apply_mask(frame.payload, key, 0);
  input = input.subspan(head_size + size);
  return frame;
}

void append_frame(std::string& out, ws::Opcode opcode, std::string_view payload) {
  std::array<std::uint8_t, ws::kMaxHeaderBytes> head;
  const auto size = ws::encode({.payload_size = payload.size(), .opcode = opcode}, head);
  out.append(reinterpret_cast<const char*>(head.data()), size).append(payload);
}

/// Waits where a server with queues would go on.
void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN) return;
    pollfd writable{.fd = fd, .events = POLLOUT, .revents = 0};
    ::poll(&writable, 1, -1);
  }
}

class Floor {
 public:
  Floor(int listener, Mode mode)
      : listener_(listener), epoll_(::epoll_create1(EPOLL_CLOEXEC)), mode_(mode) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 1024> events;
    while (true) {
      const int ready = ::epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < ready; ++i) {
        auto* client = static_cast<Client*>(events[i].data.ptr);
        client == nullptr ? accept_one() : serve(*client);
      }
    }
  }

 private:
  void accept_one() {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    clients_.push_back(std::make_unique<Client>());
    Client* client = clients_.back().get();
    client->fd = fd;
    client->place = clients_.size() - 1;
    epoll_event event{.events = EPOLLIN, .data = {.ptr = client}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  void drop(Client& client) {
    ::close(client.fd);
    const std::size_t place = client.place;
    clients_[place].swap(clients_.back());
    clients_[place]->place = place;
    clients_.pop_back();
  }

  void serve(Client& client) {
    const ssize_t size = ::recv(client.fd, buffer_.data(), buffer_.size(), 0);
    if (size <= 0) {
      if (size == 0 || errno != EAGAIN) drop(client);
      return;
    }
    const std::span<std::uint8_t> read(buffer_.data(), static_cast<std::size_t>(size));
    if (client.rest.empty()) {
      const auto left = take(client, read);
      client.rest.assign(left.begin(), left.end());
    } else {
      client.rest.append(read.begin(), read.end());
      auto* whole = reinterpret_cast<std::uint8_t*>(client.rest.data());
      const auto left = take(client, {whole, client.rest.size()});
      client.rest.erase(0, client.rest.size() - left.size());
    }
  }

  /// Answers what is left of `input`.
  std::span<std::uint8_t> take(Client& client, std::span<std::uint8_t> input) {
    if (client.upgraded) {
      take_frames(client, input);
    } else {
      upgrade(client, input);
    }
    return input;
  }

  void upgrade(Client& client, std::span<std::uint8_t>& input) {
    constexpr std::string_view kName = "Sec-WebSocket-Key: ";
    const std::string_view head(reinterpret_cast<const char*>(input.data()), input.size());
    const auto end = head.find("\r\n\r\n");
    if (end == std::string_view::npos) return;
    const auto name = head.find(kName);
    if (name > end) return;
    const auto key = head.substr(name + kName.size());
    send_all(client.fd,
             ws::upgrade_response({.accept_key = ws::accept_key(key.substr(0, key.find('\r')))}));
    client.upgraded = true;
    input = input.subspan(end + 4);
  }

  void take_frames(Client& client, std::span<std::uint8_t>& input) {
    out_.clear();
    while (const auto frame = take_frame(input)) {
      if (mode_ == Mode::echo || ws::is_control(frame->opcode)) {
        const bool ping = frame->opcode == ws::Opcode::ping;
        append_frame(out_, ping ? ws::Opcode::pong : frame->opcode, frame->text());
      } else {
        answer(client, frame->text());
      }
    }
    send_all(client.fd, out_);
  }

  void answer(Client& client, std::string_view message) {
    if (message.starts_with(R"({"event":"publish")")) return publish(client, message);
    if (message.starts_with(R"({"event":"authenticate")")) {
      append_frame(out_, ws::Opcode::text, kConnected);
    }
  }

  /// `{"event":"publish","data":{"room":R,"event":E,"data":"D"}}`, in this spelling alone, arrives
  /// as `{"event":E,"data":"D"}`.
  void publish(const Client& sender, std::string_view message) {
    const auto event = message.rfind(R"("event":)", message.find(R"(,"data":")"));
    delivery_.assign("{").append(message.substr(event, message.size() - 1 - event));
    frame_.clear();
    append_frame(frame_, ws::Opcode::text, delivery_);
    for (const auto& client : clients_) {
      if (client->upgraded && client.get() != &sender) send_all(client->fd, frame_);
    }
  }

  int listener_;
  int epoll_;
  Mode mode_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(kReadBytes);
  std::string out_;
  std::string delivery_;
  std::string frame_;
};

int listen_on(const client::Address& address) {
  const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  // Accepted sockets inherit these.
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes, sizeof(kSendBufferBytes));
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const auto* name = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::bind(fd, name, address.size) != 0) fail("bind");
  if (::listen(fd, kBacklog) != 0) fail("listen");
  return fd;
}

std::uint16_t port_of(int listener) {
  sockaddr_in name{};
  socklen_t size = sizeof(name);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&name), &size);
  return ntohs(name.sin_port);
}

int run(std::span<char*> arguments) {
  std::optional<client::Endpoint> endpoint = client::parse_endpoint("127.0.0.1:0");
  std::string_view mode = "echo";
  for (std::size_t i = 1; i + 1 < arguments.size(); i += 2) {
    const std::string_view name = arguments[i];
    if (name == "--listen") endpoint = client::parse_endpoint(arguments[i + 1]);
    if (name == "--mode") mode = arguments[i + 1];
  }
  const auto addresses = endpoint ? client::resolve(*endpoint) : std::vector<client::Address>{};
  if (addresses.empty() || (mode != "echo" && mode != "fanout")) {
    std::fputs("usage: floor [--listen IPV4:PORT] [--mode echo|fanout]\n", stderr);
    return 2;
  }
  raise_descriptor_limit();
  const int listener = listen_on(addresses.front());
  std::printf("listening on %s:%d\n", endpoint->host.c_str(), port_of(listener));
  std::fflush(stdout);
  Floor(listener, mode == "echo" ? Mode::echo : Mode::fanout).run();
}

}  // namespace
}  // namespace wscast::bench

int main(int count, char** arguments) {
  return wscast::bench::run({arguments, static_cast<std::size_t>(count)});
}
