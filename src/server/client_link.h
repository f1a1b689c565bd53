#pragma once

#include "net/connection.h"
#include "session/outlet.h"
#include "session/session.h"

namespace wscast::server {

/// Ties one session to its connection, for as long as both live. Shard thread only.
class ClientLink final : public net::Attachment, private session::Outlet {
 public:
  ClientLink(session::Context& context, const ClientId& id, net::Connection& connection)
      : connection_(connection), session_(context, id, *this) {
    session_.sink = &connection_;
  }

  /// The connection may go before its session was told (ShardApplication::close).
  ~ClientLink() override { session_.on_close(); }

  session::Session& session() { return session_; }

 private:
  int send(const ws::FrameRef& frame) override { return connection_.send(frame); }
  bool full() override { return connection_.over_backpressure_limit(); }
  void close(std::uint16_t code, std::string_view reason) override {
    connection_.close(code, reason);
  }
  void pause_reading() override { connection_.pause_reading(); }
  void resume_reading() override { connection_.resume_reading(); }
  void set_deadline(SteadyTime when) override { connection_.set_deadline(when); }
  std::string remote_address() const override { return connection_.remote_address(); }
  ReadyState ready_state() const override {
    return connection_.open() ? ReadyState::open : ReadyState::closing;
  }

  net::Connection& connection_;
  session::Session session_;
};

}  // namespace wscast::server
