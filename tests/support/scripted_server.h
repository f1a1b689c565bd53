#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "client/socket.h"
#include "client/url.h"
#include "ws/message_assembler.h"

namespace wscast::client {

/// The server's end of one accepted connection, blocking, on the script's thread.
class Peer {
 public:
  explicit Peer(Socket socket);

  /// Reads the request and grants the upgrade, `more` in the same write. Answers the request.
  std::string accept_upgrade(std::string_view more = {});

  std::string read_head();
  void send(std::string_view bytes);

  /// The next message or control frame as "kind:payload"; "end" or "reset" of the connection.
  std::string read_message();

  void shutdown_write();
  void reset() { socket_.reset(); }

 private:
  Socket socket_;
  std::string input_;
  std::span<std::uint8_t> left_;
  ws::MessageAssembler assembler_{ws::Role::server, 1 << 20};
};

/// Listens on a loopback port, accepts `connections`, then runs the script on a thread of its own.
/// The destructor waits for the script.
class ScriptedServer {
 public:
  using Script = std::function<void(std::vector<std::unique_ptr<Peer>>& peers)>;

  explicit ScriptedServer(Script script, std::size_t connections = 1);
  ~ScriptedServer();

  const Endpoint& endpoint() const { return endpoint_; }

 private:
  Socket listener_;
  Endpoint endpoint_;
  std::thread thread_;
};

/// A server's frame.
std::string frame(ws::Opcode opcode, std::string_view payload, bool fin = true);

}  // namespace wscast::client
