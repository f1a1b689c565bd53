#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "client/frame_masker.h"
#include "client/socket.h"
#include "ws/message_assembler.h"

namespace wscast::client {

/// One non-blocking client connection of many: connects, upgrades, reads messages, answers pings
/// and close frames. Told by its owner when its socket is ready; it never waits. One thread.
class Connection {
 public:
  enum class State : std::uint8_t { connecting, upgrading, open, closed };

  /// Takes what the connection reads.
  class Handler {
   public:
    virtual void on_open() = 0;
    virtual void on_message(std::string_view message) = 0;

   protected:
    ~Handler() = default;
  };

  /// `request` and `key`: the upgrade request and its Sec-WebSocket-Key.
  Connection(Socket socket, std::string request, std::string key, std::uint64_t max_payload);

  State state() const { return state_; }
  int fd() const { return socket_.fd(); }

  /// Why it is closed; a literal.
  std::string_view close_cause() const { return close_cause_; }

  /// Puts a frame behind what waits to be sent; flush() sends it. Nothing when closed.
  void queue(FrameMasker& masker, ws::Opcode opcode, std::string_view payload);

  /// One send of all that waits. What the kernel does not take stays.
  void flush();
  bool wants_write() const { return state_ == State::connecting || !out_.empty(); }

  void on_writable();

  /// One recv into `buffer`, then every message in it.
  void on_readable(std::span<std::uint8_t> buffer, FrameMasker& masker, Handler& handler);

  /// Ends the TCP connection at once.
  void close(std::string_view cause);

 private:
  void read_head(std::span<std::uint8_t>& input, Handler& handler);
  void read_messages(std::span<std::uint8_t> input, FrameMasker& masker, Handler& handler);

  Socket socket_;
  State state_ = State::connecting;
  std::string_view close_cause_;
  std::string out_;
  std::string key_;
  std::string head_;  ///< Of the response, as far as it has come.
  ws::MessageAssembler assembler_;
};

}  // namespace wscast::client
