#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/random.h"
#include "client/deflate_codec.h"
#include "client/frame_masker.h"
#include "client/socket.h"
#include "client/tls_session.h"
#include "client/upgrade.h"
#include "client/url.h"
#include "ws/frame_header.h"
#include "ws/message_assembler.h"

namespace wscast::client {

/// The result of BlockingClient::receive().
struct Event {
  enum class Kind : std::uint8_t {
    text,
    binary,
    ping,
    pong,
    close,    ///< A close frame; `code` is 1005 when it held none, `payload` is its reason.
    failure,  ///< The server violated RFC 6455; `payload` says how.
    end,      ///< The server ended the TCP connection (FIN).
    reset,    ///< The TCP connection is broken.
    timeout,
  };

  Kind kind = Kind::timeout;
  std::string payload{};
  std::uint16_t code = 0;

  friend bool operator==(const Event&, const Event&) = default;
};

/// A blocking WebSocket client for tests: sends whatever the caller passes, also what the protocol
/// forbids, and responds to nothing by itself, neither pings nor close frames. One thread at a
/// time.
class BlockingClient {
 public:
  using Duration = std::chrono::milliseconds;

  static constexpr Duration kPatience{5000};
  static constexpr std::uint64_t kMaxPayload = std::uint64_t{1} << 30;

  explicit BlockingClient(Random& random = system_random()) : masker_(random), random_(random) {}

  /// Makes open() begin with a TLS handshake. `client` must outlive this.
  void use_tls(TlsClient& client) { tls_client_ = &client; }

  /// Null without TLS, or when it failed to connect.
  TlsSession* tls() const { return tls_.get(); }

  /// Calls open(), then upgrade().
  std::error_code connect(const Endpoint& endpoint, std::string_view target = "/ws",
                          const std::vector<Header>& headers = {}, Duration timeout = kPatience);

  /// Connects TCP or the Unix socket only, with TLS also that; sends nothing else. With TLS,
  /// `std::errc::protocol_error`: the handshake failed, see tls()->failure().
  std::error_code open(const Endpoint& endpoint, Duration timeout = kPatience);

  /// Sends the request and reads the response's head. `std::errc::connection_refused`: the server
  /// responded, see response(), but not with an upgrade.
  std::error_code upgrade(std::string_view target = "/ws", const std::vector<Header>& headers = {},
                          Duration timeout = kPatience);

  /// Offers permessage-deflate in each upgrade() from here on, which fails with
  /// `std::errc::protocol_error` if the response to it is invalid.
  void offer_deflate(const ws::DeflateOffer& offer = {}) { offer_ = offer; }

  /// What the last upgrade() agreed on; empty: no compression.
  const std::optional<ws::DeflateAgreement>& deflate() const { return agreement_; }

  /// Reads the head of the HTTP response to what send_raw() sent; receive_raw() reads its body.
  std::error_code read_response(Duration timeout = kPatience);

  /// The last response read; status 0 when there was none.
  const ResponseHead& response() const { return response_; }

  // These return whether the kernel took every byte within kPatience.
  bool send_text(std::string_view payload) { return send_frame(ws::Opcode::text, payload); }
  bool send_binary(std::string_view payload) { return send_frame(ws::Opcode::binary, payload); }
  bool send_frame(ws::Opcode opcode, std::string_view payload, bool fin = true);

  /// Sends a whole message compressed. Only with deflate().
  bool send_compressed(ws::Opcode opcode, std::string_view message);

  bool send_close(std::uint16_t code, std::string_view reason = {});
  bool send_raw(std::string_view bytes);

  /// Waits for the next message, control frame or end of the connection.
  Event receive(Duration timeout = kPatience);

  /// Returns bytes as they come, without the WebSocket layer, at least one; empty at the
  /// connection's end or at `timeout`.
  std::string receive_raw(Duration timeout = kPatience);

  /// Returns everything up to the connection's end or to `timeout`.
  std::string receive_raw_all(Duration timeout = kPatience);

  /// Sends a FIN; the server's data can still be read.
  void shutdown_write();

  /// Ends the connection with a reset.
  void reset() { socket_.reset(); }

  void close() { socket_.close(); }
  int fd() const { return socket_.fd(); }

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  std::error_code open_address(const Address& address, Deadline deadline);
  std::error_code shake_hands(Deadline deadline);
  ssize_t send_some(std::string_view bytes);
  std::error_code read_head(Deadline deadline);
  std::error_code read_deflate_response();
  std::optional<Event> next_buffered();
  std::error_code fill(Deadline deadline);

  Endpoint endpoint_;
  Socket socket_;
  TlsClient* tls_client_ = nullptr;
  std::unique_ptr<TlsSession> tls_;
  ResponseHead response_;
  FrameMasker masker_;
  Random& random_;
  std::optional<ws::DeflateOffer> offer_;
  std::optional<ws::DeflateAgreement> agreement_;
  DeflateCodec codec_;
  std::unique_ptr<ws::MessageAssembler> assembler_;
  std::vector<std::uint8_t> buffer_;
  std::span<std::uint8_t> input_;  ///< The part of buffer_ not consumed yet.
};

}  // namespace wscast::client
