#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.h"
#include "net/connection.h"
#include "net/deadlines.h"
#include "net/tls/tls_layer.h"
#include "support/tls_peer.h"
#include "ws/frame_header.h"

namespace wscast::conformance {

/// One rule of RFC 6455 or RFC 7692: what a client sends, and what it then sees.
struct Rule {
  std::string name;               ///< Section and content, as a test name.
  std::string input;              ///< All bytes from the request's first on.
  std::vector<std::string> seen;  ///< As Peer::seen() writes it.
};

/// Prints a rule for GoogleTest.
void PrintTo(const Rule& rule, std::ostream* out);

/// A connection of the engine with an echo application, on a scripted stream, with a stopped
/// clock. No socket, no thread.
class Peer : private net::ConnectionHost, private net::Application {
 public:
  struct Options {
    bool one_byte_writes = false;
    bool one_byte_reads = false;                 ///< Of what there is, each read gets a byte.
    std::shared_ptr<const net::TlsLayer> tls{};  ///< Set: by TLS, after a handshake.
    bool batched_writes = false;                 ///< As with io_uring.
    bool refused = false;                        ///< The server is full.
    bool short_slices = false;                   ///< The slice is always over.
    bool refuses_pings = false;
    bool trusts = true;  ///< The client counts as authenticated from the start.
    /// Puts a stream over the scripted one; may be empty.
    std::function<std::unique_ptr<net::Stream>(net::Stream& below)> wrap{};
    TransportOptions transport{.max_payload_length = 70'000};
  };

  Peer();
  explicit Peer(const Options& options);
  ~Peer() override;

  /// The server receives these bytes in one read.
  void send(std::string_view bytes);

  /// Makes the application, which pauses reading when it receives `pause`, resume.
  void resume();

  /// Like send(), but nothing is reported: the server has not read yet.
  void queue(std::string_view bytes) { input_ += bytes; }

  /// The connection is one that was handed over before; it begins with these bytes.
  void go_on(std::string_view received);

  /// What the application got when the connection was handed over, as requests for `/taken` are.
  const std::string& handed_over() const { return handed_over_; }

  /// The client ends its side.
  void end();

  /// Writes fail from now on, as after a reset.
  void fail_writes() { broken_ = true; }

  /// Bytes that were sent and the server has not read.
  std::size_t unread() const { return input_.size(); }

  /// The number of messages that the application received.
  int messages() const { return messages_; }

  /// The connection breaks: both directions have ended.
  void break_off();

  /// Makes the kernel accept no further byte, or accept bytes again.
  void stop_accepting() { takes_ = false; }
  void accept_again();

  /// Bytes that the kernel took and the client's side has not acknowledged.
  void set_unacknowledged(std::size_t bytes) { unacknowledged_ = bytes; }

  /// Advances the clock and runs what falls due.
  void pass(std::chrono::milliseconds duration);

  /// What the server sent, one entry each: `HTTP 101`, `text Hello`, `binary ..`, `ping ..`, `pong
  /// ..`, `close 1002`, `close 1000 reason`, and finally `end` when the server has shut its side,
  /// or `reset`. Long payloads are shown by their size and sum; `deflated` stands before messages
  /// that came compressed, and the value of Sec-WebSocket-Extensions behind `HTTP 101`.
  std::vector<std::string> seen() const;

  const std::string& output() const { return output_; }
  bool ended() const { return ended_; }

  /// What on_close got: the code and the words.
  const std::string& close_cause() const { return close_cause_; }
  std::uint64_t count(Counter counter) const;
  const net::ConnectionGauges& gauges() const { return context_.gauges; }

 private:
  class Script;

  SteadyTime now() const override { return now_; }
  void schedule_flush(net::Connection& connection) noexcept override;
  void set_interest(net::Connection& connection, net::Interest interest) noexcept override;
  void stop_watching(net::Connection& connection) noexcept override;
  bool slice_over() const override { return options_.short_slices; }
  void set_deadline(net::Connection& connection, SteadyTime when) noexcept override;
  void schedule_handover(net::Connection& connection) noexcept override;
  void schedule_deletion(net::Connection& connection) noexcept override;

  http::WireResponse on_request(const net::Connection&, const http::RequestHead& head) override;
  void on_open(net::Connection& connection) override;
  void on_message(net::Connection& connection, bool binary, std::string_view payload) override;
  void on_close(net::Connection& connection, std::uint16_t code,
                std::string_view reason) noexcept override;
  bool on_control(net::Connection&, std::size_t) override { return !options_.refuses_pings; }

  void flush();
  void flush_connection();
  void read();
  void exchange();

  Options options_;
  Counters counters_;
  std::vector<std::uint8_t> buffer_;
  std::vector<std::uint8_t> scratch_;
  net::Deflate deflate_;
  net::ConnectionContext context_;
  SteadyTime now_{std::chrono::hours(1)};
  SteadyTime deadline_ = net::Deadlines::kNever;
  std::string input_;
  std::string output_;
  bool input_ended_ = false;
  bool broken_ = false;
  bool takes_ = true;
  bool watched_ = true;
  std::size_t unacknowledged_ = 0;
  net::Interest interest_;
  bool write_shut_ = false;
  bool aborted_ = false;
  bool flush_scheduled_ = false;
  bool ended_ = false;
  int messages_ = 0;
  int opened_ = 0;
  int closed_ = 0;
  std::string close_cause_;
  std::string handed_over_;
  std::unique_ptr<net::Stream> stream_;
  std::unique_ptr<net::Stream> wrapped_;  ///< Null: none.
  std::string wire_;  ///< With TLS: what the server sent and the client has not received.
  std::unique_ptr<test::TlsPeer> tls_client_;
  std::unique_ptr<net::Stream> tls_;
  std::unique_ptr<net::Connection> connection_;
};

/// A valid request for an upgrade; `extra`: further header lines, each with its CRLF.
std::string request(std::string_view extra = {});

/// A masked frame as clients send it. `first`: FIN, RSV and opcode.
std::string frame(std::uint8_t first, std::string_view payload,
                  const ws::MaskKey& mask = {0x37, 0xfa, 0x21, 0x3d});
std::string text(std::string_view payload, bool fin = true);
std::string binary(std::string_view payload, bool fin = true);
std::string more(std::string_view payload, bool fin = true);
std::string ping(std::string_view payload);
std::string close(std::uint16_t code, std::string_view reason = {});

/// The payload of a frame that carries `message` compressed.
std::string deflated(std::string_view message, int window_bits = 15);

/// The form in which seen() shows a payload.
std::string shown(std::string_view kind, std::string_view payload);

std::vector<Rule> all_rules();
std::vector<Rule> handshake_rules();
std::vector<Rule> frame_rules();
std::vector<Rule> message_rules();

/// Of RFC 7692, for a server that has permessage-deflate switched on.
std::vector<Rule> deflate_rules();

}  // namespace wscast::conformance
