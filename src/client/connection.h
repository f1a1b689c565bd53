#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "client/frame_masker.h"
#include "client/socket.h"
#include "client/tls_session.h"
#include "ws/message_assembler.h"

namespace wscast::client {

/// A non-blocking client connection: connects, upgrades, reads messages, responds to pings and
/// close frames. Its owner calls it when its socket is ready; it never blocks. One thread.
class Connection {
 public:
  enum class State : std::uint8_t { connecting, upgrading, open, closed };

  /// Receives what the connection reads.
  class Handler {
   public:
    virtual void on_open() = 0;
    virtual void on_message(std::string_view message) = 0;

   protected:
    ~Handler() = default;
  };

  /// `request` and `key`: the upgrade request and its Sec-WebSocket-Key. `tls`: null without TLS.
  Connection(Socket socket, std::string request, std::string key, std::uint64_t max_payload,
             std::unique_ptr<TlsSession> tls = nullptr);

  State state() const { return state_; }
  int fd() const { return socket_.fd(); }

  /// Why it is closed; a literal.
  std::string_view close_cause() const { return close_cause_; }

  /// Queues a frame; flush() sends it. No-op when closed.
  void queue(FrameMasker& masker, ws::Opcode opcode, std::string_view payload);

  /// Sends what is queued in one call. What the kernel does not take stays queued.
  void flush();
  bool wants_write() const {
    const bool shaking_hands = tls_ && !tls_->established();  // Waits for the server.
    return state_ == State::connecting || (!out_.empty() && !shaking_hands);
  }

  void on_writable();

  /// Calls recv once into `buffer`, then handles every message in it.
  void on_readable(std::span<std::uint8_t> buffer, FrameMasker& masker, Handler& handler);

  /// Ends the TCP connection at once.
  void close(std::string_view cause);

 private:
  void read_head(std::span<std::uint8_t>& input, Handler& handler);
  void read_messages(std::span<std::uint8_t> input, FrameMasker& masker, Handler& handler);

  Socket socket_;
  std::unique_ptr<TlsSession> tls_;
  State state_ = State::connecting;
  std::string_view close_cause_;
  std::string out_;
  std::string key_;
  std::string head_;  ///< The response head received so far.
  ws::MessageAssembler assembler_;
};

}  // namespace wscast::client
