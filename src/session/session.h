#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "wscast/options.h"

#include "base/clock.h"
#include "base/counters.h"
#include "hub/hub.h"
#include "protocol/envelope.h"
#include "session/ending.h"
#include "session/host.h"
#include "session/outlet.h"

namespace wscast::session {

/// What the sessions of one shard share.
struct Context {
  const SessionOptions& options;
  hub::Hub& hub;
  Host& host;
  Counters& counters;
  const Clock& clock;
};

/// The authenticate hook's answers.
struct Accepted {
  std::string user_id;
};
struct Refused {};
struct Threw {};
using AuthenticateAnswer = std::variant<Accepted, Refused, Threw>;

enum class State : std::uint8_t { unauthorized, authenticating, authenticated, ended };

/// One client, from the open of its connection to its end: protocol.md sections 1 and 2, without
/// I/O. Messages, answers of hooks and time come in; frames, hook requests and a close go out.
/// Shard thread only; `context` and `outlet` must outlive it.
class Session final : public hub::Member {
 public:
  /// The client is addressable by its id at once, and its time to authenticate begins.
  Session(Context& context, const ClientId& id, Outlet& outlet);
  ~Session() override;

  /// A whole WebSocket message. Binary ones are read as text (M12).
  void on_message(bool binary, std::string_view text);

  void on_authenticate_answer(const AuthenticateAnswer& answer);

  /// The rooms to join, asked for or not (M7); nothing: the hook threw.
  void on_rooms_answer(const std::optional<std::vector<std::string>>& rooms);

  /// The message or connected hook has returned.
  void on_hook_done();

  void on_deadline();

  /// Ends the client if it was silent for too long; call it each heartbeat interval.
  void check_heartbeat();

  /// The connection is over.
  void on_close();

  /// Tells the client why and closes it. The session is in nothing any more when this returns.
  void end(const Ending& ending);

  State state() const { return state_; }
  const std::string& user_id() const { return user_id_; }

  bool deliver(const ws::FrameRef& frame, hub::Address address) override;

 private:
  struct Waiting;

  void take(bool binary, std::string_view text);
  void take_envelope(protocol::Envelope& envelope);
  void take_authenticate(std::optional<std::string_view> data);
  void take_join(std::optional<std::string_view> data);
  void take_leave(std::optional<std::string_view> data);
  void take_other(protocol::Envelope& envelope);
  bool count_before_auth(std::size_t bytes);
  void accept(const std::string& user_id);
  void join_answered(const std::vector<std::string>& rooms);
  void wait(bool binary, std::string_view text);
  void take_waiting();
  void send_error(std::string_view message);
  void leave_everything();

  Context& context_;
  Outlet& outlet_;
  std::string user_id_;
  std::unique_ptr<Waiting> waiting_;  ///< While a hook runs and messages have come.
  SteadyTime last_activity_;
  std::uint32_t messages_before_auth_ = 0;
  std::uint32_t bytes_before_auth_ = 0;
  State state_ = State::unauthorized;
  bool hook_runs_ = false;  ///< Connected, rooms or message: later messages wait (M14).
};

}  // namespace wscast::session
