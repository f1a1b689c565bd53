#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "wscast/client.h"

#include "base/clock.h"
#include "client/client_session.h"
#include "client/connection.h"
#include "client/single_client.h"
#include "client/socket.h"

namespace wscast::client {

/// The thread of a Client: runs its session on one connection after the other, and what other
/// threads want of it, by a mailbox and a descriptor that wakes it. Any thread, unless a call says
/// otherwise.
class ClientThread final : Connection::Handler, ClientTransport {
 public:
  using Call = std::function<void(ClientSession& session, SteadyTime now)>;

  /// `options` must be valid. Throws std::runtime_error without the CA file, std::system_error
  /// without a descriptor or a thread.
  explicit ClientThread(ClientOptions options);

  /// Closes and waits. Must not run on the thread itself.
  ~ClientThread();

  ClientThread(const ClientThread&) = delete;
  ClientThread& operator=(const ClientThread&) = delete;

  /// Has the thread make a call, in order; `bytes` count as waiting until it has. Errors:
  /// Errc::queue_full, Errc::stopped.
  std::error_code post(std::size_t bytes, Call call);

  void close();

  ConnectionState state() const;
  std::string id() const;
  std::string user_id() const;

 private:
  // On the thread.
  void run();
  void make_calls();
  void wait();
  bool end();
  void on_state(const ClientStateChange& change);

  void on_open() override { session_.on_open(); }
  void on_message(std::string_view message) override;
  void connect() override { connection_.connect(); }
  void send(std::string_view text) override { connection_.send_text(text); }
  void ping() override { connection_.send_ping(); }
  void close(std::uint16_t code) override { connection_.close(code); }
  void abort() override { connection_.abort("left by the client"); }

  const std::function<void(const ClientStateChange&)> user_on_state_;
  const ClientOptions options_;
  const Socket wake_;  ///< An eventfd.

  mutable std::mutex mutex_;
  std::vector<Call> calls_;
  std::size_t call_bytes_ = 0;     ///< Of calls_.
  std::size_t waiting_bytes_ = 0;  ///< In the session and its connection, as of its last turn.
  bool closing_ = false;
  bool open_ = true;
  ConnectionState state_ = ConnectionState::connecting;
  std::string id_;
  std::string user_id_;

  // On the thread.
  SingleClient connection_;
  ClientSession session_;

  std::thread thread_;  ///< Last: it uses the rest.
};

}  // namespace wscast::client
