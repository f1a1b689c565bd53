#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "wscast/external_server.h"

#include "base/counters.h"
#include "session/session.h"
#include "session/transport.h"

namespace wscast::server {

/// Closes a connection whose client cannot be served.
inline void close_for_memory(ExternalTransport& transport) noexcept {
  try {
    transport.close(ws::to_number(ws::CloseCode::internal_error), "Out of memory");
  } catch (...) {  // The client is gone from here all the same.
  }
}

/// Ties one session to a connection that an external WebSocket server holds. When a call of the
/// transport throws, the connection is over. Shard thread only.
class ExternalClient final : private session::Transport {
 public:
  /// A `call` of the transport threw, with the message `what`. Called inside the session's call, so
  /// it may only take note.
  using OnBroken = std::function<void(const ClientId& client, const char* call, const char* what)>;

  /// `on_broken` is called once at most, and must outlive this.
  ExternalClient(session::Context& context, const ClientId& id,
                 std::shared_ptr<ExternalTransport> transport, const OnBroken& on_broken)
      : on_broken_(on_broken),
        counters_(context.counters),
        transport_(std::move(transport)),
        address_(address_of(*transport_)),
        session_(context, id, *this) {}

  session::Session& session() { return session_; }

  /// The connection is over: the transport is not called any more.
  void disconnect() { transport_ = nullptr; }

  /// Whether the session cannot be served any more, and end_given_up() was not called yet.
  bool given_up() const { return given_up_; }

  /// Ends it, and closes the connection.
  void end_given_up() noexcept {
    given_up_ = false;
    session_.on_close();
    if (const auto transport = std::exchange(transport_, nullptr)) close_for_memory(*transport);
  }

  /// When to call Session::on_deadline; SteadyTime::max() for never.
  SteadyTime deadline() const { return deadline_; }

 private:
  int send(const ws::FrameRef& frame) override {
    const auto payload = frame.bytes().last(frame.payload_size());
    const bool binary = (frame.bytes()[0] & 0x0f) == static_cast<std::uint8_t>(ws::Opcode::binary);
    const std::string_view text(reinterpret_cast<const char*>(payload.data()), payload.size());
    const int result = guarded("send", 0, [&] { return transport_->send(text, binary); });
    if (result < 0) session_.outbound().on_backpressure();
    if (result == 0 && ready_state() == ReadyState::open) {
      counters_.add(Counter::dropped_backpressure);
    }
    return result;
  }
  bool full() override { return false; }  // Only send() finds out.
  void close(std::uint16_t code, std::string_view reason) override {
    guarded("close", [&] { transport_->close(code, reason); });
  }
  void trust(bool) override {}  // Compression is the external server's.
  void pause_reading() override {
    guarded("pause_reading", [&] { transport_->pause_reading(); });
  }
  void resume_reading() override {
    guarded("resume_reading", [&] { transport_->resume_reading(); });
  }
  void set_deadline(SteadyTime when) override { deadline_ = when; }
  void give_up() noexcept override { given_up_ = true; }
  std::string remote_address() const override {
    return guarded("remote_address", std::string(), [&] { return transport_->remote_address(); });
  }
  std::string public_address() const override { return address_; }
  ReadyState ready_state() const override {
    return guarded("ready_state", ReadyState::closed, [&] { return transport_->ready_state(); });
  }

  /// Empty when the call throws; the next call of the transport will find out.
  static std::string address_of(const ExternalTransport& transport) {
    try {
      return transport.remote_address();
    } catch (...) {
      return {};
    }
  }

  /// Returns the result of `call`, or `fallback` when the connection is over.
  template <class Result, class Call>
  Result guarded(const char* name, Result fallback, Call call) const {
    if (!transport_) return fallback;
    try {
      return call();
    } catch (const std::exception& error) {
      break_connection(name, error.what());
    } catch (...) {
      break_connection(name, "not a std::exception");
    }
    return fallback;
  }
  template <class Call>
  void guarded(const char* name, Call call) const {
    guarded(name, 0, [&] {
      call();
      return 0;
    });
  }
  void break_connection(const char* call, const char* what) const {
    transport_ = nullptr;
    on_broken_(session_.id, call, what);
  }

  const OnBroken& on_broken_;
  Counters& counters_;
  SteadyTime deadline_ = SteadyTime::max();
  bool given_up_ = false;
  /// Null: the connection is over. Mutable, since a query may find that it is.
  mutable std::shared_ptr<ExternalTransport> transport_;
  const std::string address_;  ///< When it was opened.
  session::Session session_;   ///< Last: other threads find the above by it.
};

}  // namespace wscast::server
