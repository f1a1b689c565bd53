#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net/connection.h"
#include "session/session.h"
#include "session/transport.h"

namespace wscast::server {

/// One session and the connection that is its transport. The session may outlive the connection,
/// while messages that came before the end are handled. Shard thread only.
class ConnectionSession final : public net::Attachment, private session::Transport {
 public:
  ConnectionSession(session::Context& context, const ClientId& id, net::Connection& connection)
      : session_(context, id, *this, &connection) {}

  /// The connection may be destroyed before its end was reported to the session.
  ~ConnectionSession() override { session_.on_close(); }

  session::Session& session() { return session_; }

  std::optional<ClientId> client_id() const override { return session_.id; }

  /// The connection is over: nothing is sent from now on. Call it by Directory::change_address.
  void disconnect() {
    address_ = std::make_unique<const std::string>(connection()->remote_address());
    session_.sink = nullptr;
  }

 private:
  /// Null after disconnect().
  net::Connection* connection() const { return static_cast<net::Connection*>(session_.sink); }

  int send(const ws::FrameRef& frame) override {
    return connection() != nullptr ? connection()->send(frame) : 0;
  }
  bool takes_joined() const override {
    return connection() != nullptr && connection()->takes_joined();
  }
  bool full() override {
    return connection() != nullptr && connection()->over_backpressure_limit();
  }
  void close(std::uint16_t code, std::string_view reason) override {
    if (connection() != nullptr) connection()->close(code, reason);
  }
  void trust(bool compress) override {
    if (connection() != nullptr) connection()->trust(compress);
  }
  void pause_reading() override {
    if (connection() != nullptr) connection()->pause_reading();
  }
  void resume_reading() override {
    if (connection() != nullptr) connection()->resume_reading();
  }
  void set_deadline(SteadyTime when) override {
    if (connection() != nullptr) connection()->set_deadline(when);
  }
  void give_up() noexcept override {
    if (connection() != nullptr) connection()->give_up_later();
  }
  std::string remote_address() const override {
    return address_ ? *address_ : connection()->remote_address();
  }
  std::optional<IpAddress> client_address() const override {
    return connection() != nullptr ? connection()->client_address() : std::nullopt;
  }
  ReadyState ready_state() const override {
    if (connection() == nullptr) return ReadyState::closed;
    return connection()->open() ? ReadyState::open : ReadyState::closing;
  }

  std::unique_ptr<const std::string> address_;  ///< The remote one, after disconnect().
  session::Session session_;                    ///< Last: other threads find the above by it.
};

}  // namespace wscast::server
