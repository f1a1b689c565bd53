#include "base/log.h"
#include "http/refusal.h"
#include "net/connection.h"

// What a connection is before it is a WebSocket: one that is established, then an HTTP request.
namespace wscast::net {
namespace {

constexpr std::chrono::seconds kRetryAfter{10};

Counter counter_of(int status) {
  switch (status) {
    case 101:
      return Counter::upgrades;
    case 200:
      return Counter::http_pages_served;
    case 403:
      return Counter::http_forbidden;
    case 404:
      return Counter::http_not_found;
    case 405:
      return Counter::http_method_not_allowed;
    case 408:
      return Counter::http_head_timeout;
    case 426:
      return Counter::http_upgrade_required;
    case 429:
      return Counter::http_too_many_requests;
    case 431:
      return Counter::http_head_too_large;
    case 503:
      return Counter::connections_refused;
    default:
      return Counter::http_bad_request;
  }
}

}  // namespace

/// The request's time begins when the connection is established.
void Connection::note_establishing() {
  established_ = stream_.established();
  if (established_) {
    since_ = context_.host.now();
    reschedule();
    note_state();
  }
  update_interest();
}

/// What came before the request may have said who the client is.
void Connection::check_admission() {
  if (refused_ || context_.host.admits(*this, nullptr)) return;
  refused_ = true;
  reschedule();
}

void Connection::read_head(std::span<std::uint8_t> input) {
  switch (parser().feed(input)) {
    case http::RequestParser::Outcome::need_more:
      check_admission();
      return;
    case http::RequestParser::Outcome::refused:
      respond(http::refuse({parser().status(), parser().reason()}));
      return;
    case http::RequestParser::Outcome::complete:
      handle_request(input);
      break;
  }
  if (phase_ == Phase::open && !input.empty()) handle_frames(input);  // protocol.md U4.
}

void Connection::handle_request(std::span<const std::uint8_t> rest) {
  if (refused_ || !context_.host.admits(*this, &parser().head())) {
    respond(http::refuse(
        {.status = 503, .reason = "Too many connections", .retry_after = kRetryAfter}));
    return;
  }
  const http::WireResponse response = context_.application.on_request(*this, parser().head());
  if (response.status == 101) {
    open_websocket(response);
  } else if (response.status == http::kHandOver) {
    hand_over(rest);
  } else {
    respond(response);
  }
}

void Connection::respond(const http::WireResponse& response) {
  context_.counters.add(counter_of(response.status));
  if (response.status >= 400 && log_enabled(LogLevel::debug)) {
    log(LogLevel::debug, "request_refused",
        "request from " + remote_address() + " refused with " +
            printable(std::string_view(response.bytes).substr(9, 60)));
  }
  push(ws::make_raw(response.bytes));
  unfinished_.reset();
  enter(Phase::finishing);
  schedule_flush();
}

void Connection::open_websocket(const http::WireResponse& response) {
  push(ws::make_raw(response.bytes));
  window_bits_ = response.deflate_window_bits;
  unfinished_.reset();
  enter(Phase::open);
  schedule_flush();
  context_.application.on_open(*this);
  notified_ = false;
  context_.counters.add(Counter::upgrades);
  if (window_bits_ != 0) context_.counters.add(Counter::deflate_connections);
}

}  // namespace wscast::net
