#pragma once

#include "wscast/client_socket.h"

#include "server/topics.h"
#include "session/session.h"

namespace wscast::server {

/// The ClientSocket of a session, for its hooks. Lives on the stack while a hook runs. Shard thread
/// only.
class SessionSocket final : public ClientSocket {
 public:
  SessionSocket(session::Session& session, Topics& topics) : session_(session), topics_(topics) {}

  using ClientSocket::close;
  using ClientSocket::send;
  int send(std::string_view payload, bool binary, bool compress) override {
    ws::FrameRef frame = ws::make_frame(binary ? ws::Opcode::binary : ws::Opcode::text, payload);
    if (!compress) frame.forbid_compression();
    return session_.send_raw(frame);
  }
  void close(std::uint16_t code, std::string_view reason) override {
    if (session::may_close_with(code, reason)) session_.close(code, reason);
  }
  std::string remote_address() const override { return session_.transport().remote_address(); }
  ReadyState ready_state() const override { return session_.transport().ready_state(); }
  void subscribe(std::string_view topic) override { topics_.subscribe(session_, topic); }
  void unsubscribe(std::string_view topic) override { topics_.unsubscribe(session_, topic); }
  bool is_subscribed(std::string_view topic) const override {
    return topics_.is_subscribed(session_, topic);
  }
  void publish(std::string_view topic, std::string_view text) override {
    topics_.publish(session_, topic, text);
  }

 private:
  session::Session& session_;
  Topics& topics_;
};

}  // namespace wscast::server
