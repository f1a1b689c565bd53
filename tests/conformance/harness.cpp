#include "conformance/harness.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <span>

#include "http/refusal.h"
#include "ws/message_assembler.h"
#include "ws/opening_handshake.h"

namespace wscast::conformance {
namespace {

constexpr std::size_t kToldInFull = 80;

net::IoResult moved(std::size_t bytes) {
  return {net::IoStatus::ok, bytes};
}

std::string shown_close(std::uint16_t code, std::string_view reason, bool ours) {
  // The reasons of the server's own refusals are for people; rules are about codes.
  const bool echoed = code < 1002 || code == 1003 || code >= 3000;
  std::string out = "close " + std::to_string(code);
  return ours && !reason.empty() && echoed ? out + " " + std::string(reason) : out;
}

/// The value of Sec-WebSocket-Extensions in the head of a response, behind a blank.
std::string extensions_in(std::string_view head) {
  constexpr std::string_view kName = "\r\nSec-WebSocket-Extensions:";
  const auto at = head.find(kName);
  if (at == std::string_view::npos) return {};
  const auto value = head.substr(at + kName.size());
  return std::string(value.substr(0, value.find("\r\n")));
}

}  // namespace

void PrintTo(const Rule& rule, std::ostream* out) {
  *out << rule.name;
}

/// The connection's end of the wire.
class Peer::Script final : public net::Stream {
 public:
  explicit Script(Peer& peer) : peer_(peer) {}

  net::IoResult read(std::span<std::uint8_t> into) override {
    if (peer_.input_.empty()) {
      return {peer_.input_ended_ ? net::IoStatus::end : net::IoStatus::would_block};
    }
    const std::size_t most = peer_.options_.one_byte_reads ? 1 : into.size();
    const std::size_t size = std::min(most, peer_.input_.size());
    std::memcpy(into.data(), peer_.input_.data(), size);
    peer_.input_.erase(0, size);
    return moved(size);
  }

  net::IoResult write(std::span<const iovec> pieces) override {
    if (peer_.broken_) return {net::IoStatus::error};
    if (!peer_.takes_ || (peer_.options_.one_byte_writes && (refuse_ = !refuse_))) {
      return {net::IoStatus::would_block};
    }
    std::size_t size = 0;
    for (const iovec& piece : pieces) {
      const std::size_t take = peer_.options_.one_byte_writes ? 1 : piece.iov_len;
      (peer_.tls_ ? peer_.wire_ : peer_.output_)
          .append(static_cast<const char*>(piece.iov_base), take);
      size += take;
      if (peer_.options_.one_byte_writes) break;
    }
    return moved(size);
  }

  int send_descriptor() const override { return peer_.options_.batched_writes ? 0 : -1; }
  void shutdown_write() override { peer_.write_shut_ = true; }
  std::size_t unacknowledged() const override { return peer_.unacknowledged_; }
  void abort() override { peer_.aborted_ = true; }
  std::string remote_address() const override { return "test"; }

 private:
  Peer& peer_;
  bool refuse_ = false;
};

Peer::Peer() : Peer(Options{}) {}

Peer::Peer(const Options& options)
    : options_(options),
      buffer_(64 * 1024),
      scratch_(64 * 1024),
      deflate_(options_.transport.per_message_deflate, counters_),
      context_{options_.transport, *this, *this, counters_, buffer_, scratch_, &deflate_},
      stream_(std::make_unique<Script>(*this)),
      wrapped_(options.wrap ? options.wrap(*stream_) : nullptr),
      tls_(options.tls ? options.tls->wrap(wrapped_ ? *wrapped_ : *stream_, counters_) : nullptr),
      connection_(std::make_unique<net::Connection>(context_,
                                                    tls_       ? *tls_
                                                    : wrapped_ ? *wrapped_
                                                               : *stream_,
                                                    0, options.refused)) {
  if (!tls_) return;
  tls_client_ = std::make_unique<test::TlsPeer>();
  exchange();
}

Peer::~Peer() = default;

void Peer::send(std::string_view bytes) {
  if (!tls_) {
    input_ += bytes;
    return read();
  }
  tls_client_->send(bytes);
  exchange();
}

/// Carries ciphertext between the client and the server until neither has more.
void Peer::exchange() {
  while (true) {
    input_ += tls_client_->take_output();
    read();
    if (wire_.empty()) break;
    tls_client_->receive(std::exchange(wire_, {}));
  }
  output_ = tls_client_->received();
}

/// Reports readiness like the level-triggered poller.
void Peer::read() {
  while (!input_.empty() && !ended_ && watched_ && interest_.read) {
    connection_->on_ready({.readable = true});
    if (interest_.write && takes_) connection_->on_ready({.writable = true});
    flush();
  }
}

void Peer::go_on(std::string_view received) {
  connection_->go_on(received);
  flush();
}

void Peer::resume() {
  connection_->resume_reading();
  flush();
  read();
  if (input_ended_) end();
}

void Peer::break_off() {
  broken_ = input_ended_ = true;
  if (ended_) return;
  connection_->on_ready({.readable = true, .peer_ended = true, .broken = true});
  flush();
}

void Peer::accept_again() {
  takes_ = true;
  if (ended_) return;
  connection_->on_ready({.writable = true});
  flush();
}

void Peer::end() {
  input_ended_ = true;
  read();
  if (ended_ || !watched_) return;
  connection_->on_ready({.readable = interest_.read, .peer_ended = interest_.end});
  flush();
}

void Peer::pass(std::chrono::milliseconds duration) {
  const SteadyTime until = now_ + duration;
  while (!ended_ && deadline_ <= until) {
    now_ = std::max(now_, std::exchange(deadline_, net::Deadlines::kNever));
    connection_->on_deadline();
    flush();
  }
  now_ = until;
}

void Peer::flush() {
  while (flush_scheduled_ && !ended_) {
    flush_scheduled_ = false;
    flush_connection();
    // A kernel that took a byte takes another.
    if (interest_.write && takes_) connection_->on_ready({.writable = true});
  }
}

void Peer::flush_connection() {
  net::SendBatch batch(scratch_);
  if (!connection_->begin_flush(batch)) return connection_->flush();
  net::BatchedSend& send = batch.sends()[0];
  const auto wire = send.encoded.wire;
  const iovec piece{const_cast<std::uint8_t*>(wire.data()), wire.size()};
  send.result = stream_->write({&piece, 1});
  connection_->note_sent(send);
  connection_->end_flush(send.result);
}

std::vector<std::string> Peer::seen() const {
  std::vector<std::string> out;
  std::string rest = output_;
  const std::size_t head = rest.find("\r\n\r\n");
  if (rest.starts_with("HTTP/1.1 ") && head != std::string::npos) {
    out.push_back("HTTP " + rest.substr(9, 3) + extensions_in(rest.substr(0, head + 2)));
    rest.erase(0, out.back().starts_with("HTTP 101") ? head + 4 : rest.size());
  }
  ws::Inflater inflater;
  const ws::Inflation inflation{.inflater = &inflater, .max_message = UINT64_MAX};
  ws::MessageAssembler frames(ws::Role::client, UINT64_MAX);
  std::span<std::uint8_t> input(reinterpret_cast<std::uint8_t*>(rest.data()), rest.size());
  using Kind = ws::Incoming::Kind;
  for (auto in = frames.next(input, inflation); in.kind != Kind::need_more;
       in = frames.next(input, inflation)) {
    const std::string form = in.compressed ? "deflated " : "";
    switch (in.kind) {
      case Kind::text:
        out.push_back(shown(form + "text", in.text()));
        break;
      case Kind::binary:
        out.push_back(shown(form + "binary", in.text()));
        break;
      case Kind::ping:
        out.push_back(shown("ping", in.text()));
        break;
      case Kind::pong:
        out.push_back(shown("pong", in.text()));
        break;
      case Kind::close:
        out.push_back(shown_close(in.code, in.text(), true));
        break;
      default:
        out.push_back("invalid frame: " + std::string(in.reason));
        return out;
    }
  }
  if (frames.incomplete()) out.emplace_back("half a frame");
  if (closed_ > opened_ || (ended_ && closed_ != opened_)) out.emplace_back("on_close miscounted");
  if (aborted_) out.emplace_back("reset");
  if (!aborted_ && (write_shut_ || ended_)) out.emplace_back("end");
  return out;
}

std::uint64_t Peer::count(Counter counter) const {
  Stats stats;
  counters_.add_to(stats);
  return stats[counter];
}

void Peer::schedule_flush(net::Connection&) noexcept {
  flush_scheduled_ = true;
}
void Peer::set_interest(net::Connection&, net::Interest interest) noexcept {
  interest_ = interest;
}
void Peer::stop_watching(net::Connection&) noexcept {
  watched_ = false;
}
void Peer::set_deadline(net::Connection&, SteadyTime when) noexcept {
  deadline_ = when;
}
void Peer::schedule_handover(net::Connection& connection) noexcept {
  handed_over_ = connection.take_received();
  watched_ = false;
  ended_ = true;
}
void Peer::schedule_deletion(net::Connection&) noexcept {
  ended_ = true;
}

http::WireResponse Peer::on_request(const net::Connection&, const http::RequestHead& head) {
  if (head.path() == "/taken") return {http::kHandOver, {}};
  const ws::UpgradeResult result =
      ws::validate_upgrade(head, {}, options_.transport.per_message_deflate);
  if (result.status == 101)
    return {101, ws::upgrade_response(result), result.deflate_window_bits()};
  return http::refuse({.status = result.status, .reason = result.reason});
}

void Peer::on_open(net::Connection& connection) {
  ++opened_;
  if (options_.trusts) connection.trust(true);
}

void Peer::on_message(net::Connection& connection, bool binary, std::string_view payload) {
  ++messages_;
  connection.send(ws::make_frame(binary ? ws::Opcode::binary : ws::Opcode::text, payload));
  if (payload == "pause") connection.pause_reading();
  if (payload == "close") connection.close(4000, {});
}

void Peer::on_close(net::Connection&, std::uint16_t code, std::string_view reason) noexcept {
  ++closed_;
  close_cause_ = std::to_string(code) + " " + std::string(reason);
}

std::vector<Rule> all_rules() {
  std::vector<Rule> rules = handshake_rules();
  for (const auto& more_rules : {frame_rules(), message_rules()}) {
    rules.insert(rules.end(), more_rules.begin(), more_rules.end());
  }
  return rules;
}

std::string request(std::string_view extra) {
  return "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
         "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
         "Sec-WebSocket-Version: 13\r\n" +
         std::string(extra) + "\r\n";
}

std::string frame(std::uint8_t first, std::string_view payload, const ws::MaskKey& mask) {
  std::array<std::uint8_t, ws::kMaxHeaderBytes> head{};
  const std::size_t size =
      ws::encode({.payload_size = payload.size(), .mask = mask, .masked = true}, head);
  head[0] = first;
  std::vector<std::uint8_t> masked(payload.begin(), payload.end());
  ws::apply_mask(masked, mask, 0);
  std::string out(head.begin(), head.begin() + static_cast<std::ptrdiff_t>(size));
  return out.append(masked.begin(), masked.end());
}

std::string text(std::string_view payload, bool fin) {
  return frame(fin ? 0x81 : 1, payload);
}
std::string binary(std::string_view payload, bool fin) {
  return frame(fin ? 0x82 : 2, payload);
}
std::string more(std::string_view payload, bool fin) {
  return frame(fin ? 0x80 : 0, payload);
}
std::string ping(std::string_view payload) {
  return frame(0x89, payload);
}

std::string close(std::uint16_t code, std::string_view reason) {
  const std::string head{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return frame(0x88, head + std::string(reason));
}

std::string deflated(std::string_view message, int window_bits) {
  ws::Deflater deflater(window_bits, 6, 8);
  const auto payload =
      deflater.deflate({reinterpret_cast<const std::uint8_t*>(message.data()), message.size()},
                       message.size() + 1000);
  return {payload->begin(), payload->end()};
}

std::string shown(std::string_view kind, std::string_view payload) {
  if (payload.size() <= kToldInFull) return std::string(kind) + " " + std::string(payload);
  const auto sum = std::accumulate(
      payload.begin(), payload.end(), std::uint64_t{0},
      [](std::uint64_t total, char c) { return total * 31 + static_cast<std::uint8_t>(c); });
  return std::string(kind) + " of " + std::to_string(payload.size()) + " bytes, sum " +
         std::to_string(sum);
}

}  // namespace wscast::conformance
