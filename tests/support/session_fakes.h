#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "hub/membership_observer.h"
#include "session/delegate.h"
#include "session/session.h"
#include "session/transport.h"

namespace wscast::session {

/// A clock that stands still until pass() is called.
class FakeClock final : public Clock {
 public:
  SteadyTime now() const noexcept override { return now_; }
  WallTime wall() const noexcept override { return wall_; }
  void pass(std::chrono::milliseconds duration) { now_ += duration; }
  void pass_wall(std::chrono::milliseconds duration) { wall_ += duration; }

 private:
  SteadyTime now_{std::chrono::hours(1)};
  WallTime wall_{std::chrono::milliseconds(1'769'860'800'000)};  // 2026-01-31T12:00:00Z
};

/// Records what a session sends, payloads as they are and a close as `close CODE REASON`. As with a
/// real connection, nothing is sent after a close.
class FakeTransport final : public Transport {
 public:
  int send(const ws::FrameRef& frame) override {
    if (result == 0 || state != ReadyState::open) return 0;
    if (frame.messages() > 1) {
      if (!joined) throw std::logic_error("several messages in one frame");
      for (const ws::FrameRef& part : frame.parts()) keep(part);
    } else {
      keep(frame);
    }
    return result;
  }
  bool takes_joined() const override { return joined; }
  bool full() override { return knows_when_full && result == 0; }
  void close(std::uint16_t code, std::string_view reason) override {
    state = ReadyState::closing;
    sent.push_back("close " + std::to_string(code) + " " + std::string(reason));
  }
  void trust(bool compress) override { trusted = compress ? "compressed" : "plain"; }
  void pause_reading() override { reading = false; }
  void resume_reading() override { reading = true; }
  void set_deadline(SteadyTime when) override { deadline = when; }
  void give_up() noexcept override { given_up = true; }
  std::string remote_address() const override { return "192.0.2.1"; }
  ReadyState ready_state() const override { return state; }

  std::vector<std::string> sent;
  bool joined = false;  ///< Returned by takes_joined().
  bool reading = true;
  std::string trusted;  ///< How, since trust() was called.
  SteadyTime deadline;
  int result = 1;  ///< Returned by send().
  bool knows_when_full = true;
  ReadyState state = ReadyState::open;
  bool given_up = false;

 private:
  void keep(const ws::FrameRef& frame) {
    const auto bytes = frame.bytes().last(frame.payload_size());
    sent.emplace_back(bytes.begin(), bytes.end());
  }
};

/// Records the hooks that sessions request, as text and as open requests; the test completes them.
class FakeDelegate final : public Delegate {
 public:
  enum class Hook : std::uint8_t {
    authenticate,
    handshake,
    rooms,
    message,
    connected,
    transform,
    subscribe
  };
  struct Request {
    Session* session;
    Hook hook;
    std::vector<std::string> rooms{};  ///< Only for Hook::rooms.
  };

  void authenticate(Session& session, std::string data) override {
    add({&session, Hook::authenticate}, "auth " + data);
  }
  bool handshake(Session& session, std::string data) override {
    if (!has_hooks) return false;
    add({&session, Hook::handshake},
        "handshake " + std::string(session.user_in_handshake()) + " " + data);
    return true;
  }
  bool validate_rooms(Session& session, std::vector<std::string> rooms) override {
    if (!has_hooks) return false;
    std::string all = "rooms";
    for (const auto& room : rooms) all += " " + room;
    add({&session, Hook::rooms, std::move(rooms)}, all);
    return true;
  }
  bool subscribe_client(Session& session, std::string_view user_id) override {
    if (!has_other_servers) return false;
    add({&session, Hook::subscribe}, "subscribe client of " + std::string(user_id));
    return true;
  }
  bool subscribe_rooms(Session& session, const std::vector<std::string>& rooms) override {
    if (!has_other_servers) return false;
    std::string all = "subscribe rooms";
    for (const auto& room : rooms) all += " " + room;
    add({&session, Hook::subscribe}, all);
    return true;
  }
  void read_history(Session& session, HistoryRequest request) override {
    std::string all = "history";
    for (const auto& room : request.rooms) {
      all += " " + room.name;
      if (room.seen) all += "@" + std::to_string(room.seen->offset) + room.seen->epoch;
    }
    requested.push_back(std::move(all));
    history.push_back({&session, std::move(request)});
  }
  void on_replay_due(Session& session) override { replays.push_back(&session); }
  bool handle(Session& session, InboundEvent event) override {
    if (!has_hooks) return false;
    add({&session, Hook::message}, "message " + event.event + " " + event.data.value_or("-") +
                                       (event.id ? " " + *event.id : ""));
    return true;
  }
  bool connected(Session& session) override {
    if (!has_connected_hook) return false;
    add({&session, Hook::connected}, "connected");
    return true;
  }
  void transform(Session& session) override {
    add({&session, Hook::transform}, "transform " + std::string(session.outbound().front()));
  }
  void authentication_rejected(Session&) override { ++rejections; }
  void on_draining_started(Session& session) override { draining.push_back(&session); }
  void on_draining_finished(Session& session) noexcept override { std::erase(draining, &session); }
  void on_slow_consumer(Session&) override { ++slow_consumers; }
  void on_idle(Session& session) noexcept override {
    note([&] { idle_sessions.push_back(&session); });
  }
  void disconnected(Session& session, const CloseCause& cause) noexcept override {
    ++disconnections;
    note([&] {
      causes.push_back(std::to_string(cause.code) + " " + std::string(cause.words) +
                       (cause.by_server ? " by the server" : ""));
    });
    if (on_disconnected) on_disconnected(session);
  }

  std::vector<std::string> requested;
  std::deque<Request> open;  ///< In the order requested; the test takes out what it completes.
  struct Asked {
    Session* session;
    HistoryRequest request;
  };
  std::deque<Asked> history;      ///< As `open`.
  std::vector<Session*> replays;  ///< Of on_replay_due().
  bool has_hooks = true;
  bool has_connected_hook = false;
  bool has_other_servers = false;
  int rejections = 0;
  int disconnections = 0;
  std::vector<std::string> causes;  ///< Of these.
  int slow_consumers = 0;
  std::vector<Session*> draining;
  std::vector<Session*> idle_sessions;
  std::function<void(Session&)> on_disconnected;

 private:
  /// An end must not fail when a test lets the memory for its note fail.
  template <class Note>
  static void note(Note make) noexcept {
    try {
      make();
    } catch (const std::bad_alloc&) {  // It is left out.
    }
  }

  void add(Request request, std::string text) {
    open.push_back(std::move(request));
    requested.push_back(std::move(text));
  }
};

/// Stores a client's identity, unless it is told not to; ignores the rest.
class NullObserver final : public hub::MembershipObserver {
 public:
  hub::IdentifyResult identified = hub::IdentifyResult::identified;

 private:
  void on_add(hub::ClientRecord&) override {}
  void on_remove(hub::ClientRecord&) noexcept override {}
  hub::IdentifyResult identify(hub::ClientRecord& client, hub::ClientIdentity identity) override {
    if (identified == hub::IdentifyResult::identified) client.identity = std::move(identity);
    return identified;
  }
  void renew(hub::ClientRecord& client, Metadata metadata) override {
    client.identity.metadata = std::move(metadata);
  }
  void on_join(hub::ClientRecord&, std::string_view) override {}
  void on_leave(hub::ClientRecord&, std::string_view) noexcept override {}
};

}  // namespace wscast::session
