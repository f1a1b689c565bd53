#include "net/proxy_header_layer.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/log.h"
#include "net/proxied_client.h"
#include "net/proxy_header_parser.h"

namespace wscast::net {
namespace {

using Outcome = ProxyHeaderParser::Outcome;

class ProxyHeaderStream final : public Stream {
 public:
  ProxyHeaderStream(Stream& below, Counters& counters)
      : below_(below), counters_(counters), parser_(std::make_unique<ProxyHeaderParser>()) {}

  bool established() const override { return parser_ == nullptr; }

  IoResult read(std::span<std::uint8_t> into) override {
    return established() ? below_.read(into) : read_header(into);
  }
  IoResult write(std::span<const iovec> pieces) override { return below_.write(pieces); }
  int send_descriptor() const override { return below_.send_descriptor(); }
  void shutdown_write() override { below_.shutdown_write(); }
  std::size_t unacknowledged() const override { return below_.unacknowledged(); }
  void abort() override { below_.abort(); }
  void on_establish_timeout() override {
    refuse(Counter::proxy_header_timeouts, "its PROXY header was not complete in time");
  }
  ProxiedClient* proxied() override { return below_.proxied(); }
  std::optional<IpAddress> client_address() const override { return below_.client_address(); }
  std::string remote_address() const override { return below_.remote_address(); }

 private:
  IoResult read_header(std::span<std::uint8_t> into);
  IoResult on_header();
  void refuse(Counter counter, std::string_view why);

  Stream& below_;
  Counters& counters_;
  std::unique_ptr<ProxyHeaderParser> parser_;  ///< Null: the header is complete.
};

/// Uses `into` for the header; what came behind it is then moved to the front. A connection that
/// ends before its header is complete has only ended.
IoResult ProxyHeaderStream::read_header(std::span<std::uint8_t> into) {
  while (true) {
    const IoResult result = below_.read(into);
    if (result.status == IoStatus::error) return {IoStatus::end};
    if (result.status != IoStatus::ok) return result;
    std::span<const std::uint8_t> rest = into.first(result.bytes);
    const Outcome outcome = parser_->feed(rest);
    if (outcome == Outcome::need_more) continue;
    if (outcome == Outcome::invalid) {
      refuse(Counter::proxy_header_invalid,
             "its PROXY header is not valid: " + std::string(parser_->reason()));
      return {IoStatus::error};
    }
    if (const IoResult done = on_header(); done.status != IoStatus::ok) return done;
    std::ranges::copy(rest, into.begin());
    if (!rest.empty()) return {IoStatus::ok, rest.size()};
    return below_.read(into);
  }
}

IoResult ProxyHeaderStream::on_header() {
  const auto header = std::exchange(parser_, nullptr);
  // Null for a connection that is refused anyway.
  ProxiedClient* client = below_.proxied();
  const bool stays = client == nullptr || client->on_header(header->client(), counters_);
  return {stays ? IoStatus::ok : IoStatus::error};
}

void ProxyHeaderStream::refuse(Counter counter, std::string_view why) {
  counters_.add(counter);
  if (!log_enabled(LogLevel::debug)) return;
  log(LogLevel::debug, "proxy_header_refused",
      "a connection from " + below_.remote_address() + " was closed: " + std::string(why));
}

}  // namespace

std::unique_ptr<Stream> ProxyHeaderLayer::wrap(Stream& below, Counters& counters) const {
  return std::make_unique<ProxyHeaderStream>(below, counters);
}

}  // namespace wscast::net
