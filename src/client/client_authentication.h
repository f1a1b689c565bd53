#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "wscast/client.h"

#include "base/clock.h"
#include "client/server_message.h"

namespace wscast::client {

/// The tokens of a client: what `authenticate` sends, for a connection and to renew the identity of
/// one (protocol.md X4). One that the server rejected is never sent again (O4). No I/O but in
/// ClientOptions::token. One thread.
class ClientAuthentication {
 public:
  using Report = std::function<void(const ClientError&)>;

  /// The `id` of a renewal, as JSON text.
  static constexpr std::string_view kRenewId = "\"renew\"";

  /// `options` must outlive it.
  explicit ClientAuthentication(const ClientOptions& options, Report report)
      : options_(options), report_(std::move(report)) {}

  /// Whether there may be another token.
  bool is_renewable() const { return static_cast<bool>(options_.token); }

  /// Asks for the token of the next connection. Returns why there is none: with
  /// Errc::not_authenticated there will be none.
  ClientError next_token();

  /// The server rejected the last one.
  void reject(std::string words);

  /// The first message of a connection. `join`: the join that goes along; empty: none.
  std::string message(const std::string& join) const;

  /// The server says that the token has expired. Returns the message to send; empty: none for now.
  std::string renew(SteadyTime now);
  void on_reply(SteadyTime now, const ServerMessage& reply);

  /// There is no connection any more.
  void disconnected();

  /// When to call renew() again; SteadyTime::max(): never.
  SteadyTime due() const { return renew_at_; }

 private:
  struct Rejection {
    std::string token;
    std::string words;
  };

  std::string data() const;

  const ClientOptions& options_;
  const Report report_;
  std::string token_;  ///< The last one.
  std::optional<Rejection> rejection_;
  bool renewing_ = false;  ///< Until the reply.
  SteadyTime renew_at_ = SteadyTime::max();
};

}  // namespace wscast::client
