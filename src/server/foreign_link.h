#pragma once

#include <memory>
#include <utility>

#include "wscast/transport.h"

#include "session/outlet.h"
#include "session/session.h"

namespace wscast::server {

/// Ties one session to a connection that somebody else's WebSocket server holds. Shard thread only.
class ForeignLink final : private session::Outlet {
 public:
  ForeignLink(session::Context& context, const ClientId& id, std::shared_ptr<Transport> transport)
      : transport_(std::move(transport)), session_(context, id, *this) {}

  session::Session& session() { return session_; }

  /// The connection is over: the transport is not called any more.
  void disconnect() { transport_ = nullptr; }

  /// When the session wants its on_deadline.
  SteadyTime deadline() const { return deadline_; }

 private:
  int send(const ws::FrameRef& frame) override {
    if (!transport_) return 0;
    const auto payload = frame.bytes().last(frame.payload_size());
    const bool binary = (frame.bytes()[0] & 0x0f) == static_cast<std::uint8_t>(ws::Opcode::binary);
    const int result =
        transport_->send({reinterpret_cast<const char*>(payload.data()), payload.size()}, binary);
    if (result < 0) session_.on_backpressure();
    return result;
  }
  bool full() override { return false; }  // It is known by trying.
  void close(std::uint16_t code, std::string_view reason) override {
    if (transport_) transport_->close(code, reason);
  }
  void pause_reading() override {
    if (transport_) transport_->pause_reading();
  }
  void resume_reading() override {
    if (transport_) transport_->resume_reading();
  }
  void set_deadline(SteadyTime when) override { deadline_ = when; }
  std::string remote_address() const override {
    return transport_ ? transport_->remote_address() : std::string();
  }
  ReadyState ready_state() const override {
    return transport_ ? transport_->ready_state() : ReadyState::closed;
  }

  SteadyTime deadline_ = SteadyTime::max();
  std::shared_ptr<Transport> transport_;  ///< Null: the connection is over.
  session::Session session_;
};

}  // namespace wscast::server
