#include "support/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <utility>

#include "ws/opening_handshake.h"

namespace wscast::client {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::string request_key(std::string_view head) {
  constexpr std::string_view kName = "Sec-WebSocket-Key: ";
  const auto start = head.find(kName) + kName.size();
  return std::string(head.substr(start, head.find("\r\n", start) - start));
}

std::string_view name_of(ws::Incoming::Kind kind) {
  constexpr std::array<std::string_view, 7> kNames{"need_more", "text",  "binary", "ping",
                                                   "pong",      "close", "failure"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

Peer::Peer(Socket socket) : socket_(std::move(socket)) {}

std::string Peer::accept_upgrade(std::string_view more) {
  const std::string head = read_head();
  std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nconnection: Upgrade\r\n"
      "sec-websocket-accept: ";
  answer += ws::accept_key(request_key(head));
  send(answer.append(kHeadEnd).append(more));
  return head;
}

std::string Peer::read_head() {
  std::string head;
  char byte = 0;
  while (!head.ends_with(kHeadEnd) && ::recv(socket_.fd(), &byte, 1, 0) == 1) head += byte;
  return head;
}

void Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string Peer::read_message() {
  while (true) {
    const ws::Incoming incoming = assembler_.next(left_);
    if (incoming.kind != ws::Incoming::Kind::need_more) {
      return std::string(name_of(incoming.kind)).append(":").append(incoming.text());
    }
    input_.resize(64 * 1024);
    const ssize_t size = ::recv(socket_.fd(), input_.data(), input_.size(), 0);
    if (size <= 0) return size == 0 ? "end" : "reset";
    left_ = {reinterpret_cast<std::uint8_t*>(input_.data()), static_cast<std::size_t>(size)};
  }
}

void Peer::shutdown_write() {
  ::shutdown(socket_.fd(), SHUT_WR);
}

ScriptedServer::ScriptedServer(Script script, std::size_t connections)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(name);
  ::bind(listener_.fd(), reinterpret_cast<sockaddr*>(&name), size);
  ::listen(listener_.fd(), 64);
  ::getsockname(listener_.fd(), reinterpret_cast<sockaddr*>(&name), &size);
  endpoint_ = {.host = "127.0.0.1", .port = ntohs(name.sin_port), .unix_path = {}};
  thread_ = std::thread([this, connections, run = std::move(script)] {
    std::vector<std::unique_ptr<Peer>> peers;
    while (peers.size() < connections) {
      const int fd = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      peers.push_back(std::make_unique<Peer>(Socket(fd)));
    }
    run(peers);
  });
}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_.fd(), SHUT_RDWR);  // Wakes an accept that waits in vain.
  thread_.join();
}

std::string frame(ws::Opcode opcode, std::string_view payload, bool fin) {
  std::array<std::uint8_t, ws::kMaxHeaderBytes> head;
  const std::size_t size =
      ws::encode({.payload_size = payload.size(), .opcode = opcode, .fin = fin}, head);
  return std::string(reinterpret_cast<const char*>(head.data()), size).append(payload);
}

}  // namespace wscast::client
