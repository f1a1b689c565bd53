#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "wscast/client.h"

#include "base/clock.h"
#include "base/random.h"
#include "client/client_authentication.h"
#include "client/client_requests.h"
#include "client/client_rooms.h"
#include "client/retry.h"
#include "client/server_message.h"

namespace wscast::client {

/// Where a session's connection is: the session says what to do, its owner says what happened.
/// Calls never call back into the session.
class ClientTransport {
 public:
  /// Begins a connection, in place of the last.
  virtual void connect() = 0;

  /// In order. Only once the connection is open.
  virtual void send(std::string_view text) = 0;
  virtual void ping() = 0;

  /// Ends the connection, with a close frame of this code.
  virtual void close(std::uint16_t code) = 0;

  /// Ends it at once.
  virtual void abort() = 0;

 protected:
  ~ClientTransport() = default;
};

/// What a Client does on its connections, one after the other, and all that it knows between them
/// (docs/cpp-client.md). It decides; a ClientTransport has the I/O. Callbacks of the program come
/// inside the calls, and must not call the session. One thread.
class ClientSession final : ClientRooms::Host {
 public:
  /// How a connection ended, or why there was none.
  struct End {
    std::string words;  ///< For people.
    std::uint16_t close_code = 0;
    std::string close_reason{};
    int http_status = 0;
  };

  /// `options` must be valid. All must outlive it.
  ClientSession(const ClientOptions& options, ClientTransport& transport, Random& random);

  // What happened.

  void on_open();
  void on_text(SteadyTime now, std::string_view text);
  void on_received() { heard_ = true; }  ///< Anything at all.
  void on_end(SteadyTime now, const End& end);
  void on_time(SteadyTime now);

  /// When to call on_time(); SteadyTime::max(): never.
  SteadyTime due() const;

  // Calls of the program. flush() comes after those that were made in one go.

  void join(std::string_view room, Client::OnJoined on_result);
  void leave(std::string_view room);

  /// `data`: JSON, empty: none.
  struct Publish {
    std::string room;
    std::string event;
    std::string data;
    bool echo = false;
    std::string key;
    std::function<void(const ClientPublishResult&)> on_result;
  };
  void publish(SteadyTime now, Publish call);
  void send(SteadyTime now, const std::string& event, const std::string& data,
            Client::OnReply on_reply);
  void flush(SteadyTime now) { rooms_.send_new(now); }
  void close();

  bool closed() const { return state_ == ConnectionState::closed; }

  /// Whether there is a connection, or one being made.
  bool has_connection() const {
    return state_ == ConnectionState::connecting || state_ == ConnectionState::connected;
  }

  const std::string& id() const { return id_; }
  const std::string& user_id() const { return user_id_; }
  std::size_t waiting_bytes() const { return requests_.bytes(); }

 private:
  void send(std::string_view text) override { transport_.send(text); }
  void report(const ClientError& error) override;
  void tell_gap(const ClientGap& gap) override;
  void on_rooms_settled(SteadyTime now) override { requests_.release(now); }

  void attempt(SteadyTime now);
  void on_connected(SteadyTime now, const ServerMessage& message);
  void on_reply(SteadyTime now, const ServerMessage& message);
  void on_server_event(SteadyTime now, const ServerMessage& message, std::string_view text);
  void on_error(SteadyTime now);
  void on_gap(Json data);
  void deliver(const ServerMessage& message, std::string_view text);
  void beat(SteadyTime now);
  void renew(SteadyTime now);
  void fail(SteadyTime now, std::error_code code, std::string words);
  void lose(SteadyTime now, const ClientError& error);
  std::optional<ClientError> reject(const ClientError& error);
  void wait(const ClientError& error, SteadyTime until, std::chrono::milliseconds delay);
  void finish(const ClientError& error);
  void change(const ClientStateChange& change);
  ClientPublishResult result_of(const ClientError& error, const ServerMessage* reply);

  const ClientOptions& options_;
  ClientTransport& transport_;
  Random& random_;
  ClientAuthentication authentication_;
  ClientRooms rooms_;
  ClientRequests requests_;
  Retry retry_;

  ConnectionState state_ = ConnectionState::waiting;
  SteadyTime attempt_at_ = SteadyTime::min();  ///< While waiting.
  std::string id_;
  std::string user_id_;

  // Of the connection.
  ClientRooms::Link link_;
  std::string words_;  ///< The last error that the server reported.
  bool announced_ = false;
  bool heard_ = false;
  SteadyTime connected_at_{};
  SteadyTime deadline_ = SteadyTime::max();  ///< To be connected; then, of an announced close.
  SteadyTime beat_at_ = SteadyTime::max();
  bool set_deadline_ = false;  ///< With the time after connecting, which may have blocked.
};

}  // namespace wscast::client
