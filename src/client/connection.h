#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "client/deflate_codec.h"
#include "client/frame_masker.h"
#include "client/socket.h"
#include "client/tls_session.h"
#include "client/upgrade.h"
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

  /// The upgrade request, and what it was made of.
  struct Upgrade {
    std::string request;
    std::string key;  ///< Its Sec-WebSocket-Key.
    std::optional<ws::DeflateOffer> deflate{};
  };

  /// `codec` must outlive the connection. `tls`: null without TLS.
  Connection(Socket socket, Upgrade upgrade, std::uint64_t max_payload, DeflateCodec& codec,
             std::unique_ptr<TlsSession> tls = nullptr);

  State state() const { return state_; }
  int fd() const { return socket_.fd(); }

  /// Why it is closed; a literal.
  std::string_view close_cause() const { return close_cause_; }

  /// What the server said about it: the code and reason of its close frame (0: none came), the
  /// status of a response that was no upgrade (0: none came).
  std::uint16_t close_code() const { return close_code_; }
  const std::string& close_reason() const { return close_reason_; }
  int response_status() const { return response_status_; }

  /// Null without TLS.
  const TlsSession* tls() const { return tls_.get(); }

  /// Queues a frame; flush() sends it. No-op when closed.
  void queue(FrameMasker& masker, ws::Opcode opcode, std::string_view payload);

  /// Whether the server has agreed on permessage-deflate.
  bool deflates() const { return agreement_.has_value(); }

  std::size_t unsent_bytes() const { return out_.size(); }

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
  bool accepts(const std::optional<ResponseHead>& head);

  Socket socket_;
  std::unique_ptr<TlsSession> tls_;
  State state_ = State::connecting;
  std::string_view close_cause_;
  std::uint16_t close_code_ = 0;
  std::string close_reason_;
  int response_status_ = 0;
  std::string out_;
  Upgrade upgrade_;
  std::string head_;  ///< The response head received so far.
  ws::MessageAssembler assembler_;
  std::uint64_t max_payload_;
  DeflateCodec& codec_;
  std::optional<ws::DeflateAgreement> agreement_;
};

}  // namespace wscast::client
