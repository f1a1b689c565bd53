#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "ids.h"
#include "session/session.h"
#include "stream.h"
#include "support/ecdh_client.h"
#include "support/session_fakes.h"

namespace wscast::fuzz {

/// One client of session_fuzz: a transport that checks what a client may rely on, and the hooks
/// that its session has requested.
class Client final : public session::Transport {
 public:
  enum class Hook : std::uint8_t { none, connected, rooms, message, subscribe, renewal };

  bool takes_joined() const override { return session->id == kIds[0]; }
  int send(const ws::FrameRef& frame) override {
    if (frame.messages() > 1) {
      require(takes_joined() && !session->encrypted.load(std::memory_order_relaxed),
              "E1: several messages go together only in the clear, and where that can be");
      for (const ws::FrameRef& part : frame.parts()) send(part);
      return result;
    }
    require(!closed, "nothing is sent after the close");
    require(!frame.bytes().empty() && frame.bytes()[0] == 0x81, "a text frame");
    const auto bytes = frame.bytes().last(frame.payload_size());
    const std::string text(bytes.begin(), bytes.end());
    if (peer.has_value()) {
      read(text);
    } else if (!session->encrypted.load(std::memory_order_relaxed)) {
      see(text);
    } else {
      require(transformed, "E1: an encrypted client is sent what was transformed");
    }
    return result;
  }
  bool full() override { return result == 0; }
  void close(std::uint16_t code, std::string_view reason) override {
    require(!closed && !draining, "O17: closed once, behind what waited");
    require(session::may_close_with(code, reason), "a close frame may say this");
    const auto frame = ws::make_close_frame(code, reason);
    require(frame.payload_size() == 2 + reason.size(), "and says all of it");
    closed = true;
  }
  void trust(bool compress) override {
    require(session->state.load(std::memory_order_relaxed) == ClientState::authenticated,
            "T7: nothing is compressed before");
    require(compress == !session->identity.keys, "T7: no ciphertext is compressed");
  }
  void pause_reading() override { require(std::exchange(reading, false), "it was read"); }
  void resume_reading() override { require(!std::exchange(reading, true), "it was not read"); }
  void set_deadline(SteadyTime when) override { deadline = when; }
  void give_up() noexcept override { require(false, "memory is not short"); }
  std::string remote_address() const override { return {}; }
  ReadyState ready_state() const override {
    return closed ? ReadyState::closing : ReadyState::open;
  }

  /// A message of the ready-made encryption, or what precedes it.
  void read(const std::string& text) {
    const auto plain = peer->open(text);
    if (keys_known) {
      require(plain.has_value(), "S6: everything behind `connected` is encrypted");
      return see(*plain);
    }
    require(!plain, "S5: nothing is encrypted before `connected`");
    see(text);
    if (!session->encrypted.load(std::memory_order_relaxed)) return;
    require(connected_seen, "S5: `connected` alone is in the clear");
    peer->learn_from(text);
    keys_known = true;
  }

  /// A message leaves for this client: plain, or as the transformer is about to see it.
  void see(const std::string& text) {
    if (text.starts_with(R"({"event":"connected","data":{"id")")) connected_seen = true;
    if (text.starts_with(R"({"event":"ack")")) {
      require(++acks <= messages, "X1: one ack per message");
    }
    char kind = 0;
    unsigned number = 0;
    if (std::sscanf(text.c_str(), R"({"event":"sent to %c","data":%u})", &kind, &number) != 2) {
      return;
    }
    require(kind == 'c' || connected_seen || lost, "M17: nothing precedes `connected`");
    require(number > last_number, "M17: first in, first out");
    last_number = number;
  }

  void request(Hook hook) {
    require(open == Hook::none, "M14: one hook at a time");
    require(session->state == ClientState::authenticated, "M6: of a client that is authenticated");
    require(disconnections == 0, "O15: not of one that has gone");
    open = hook;
  }

  std::optional<session::Session> session;
  std::optional<EcdhClient> peer;  ///< Only with the ready-made encryption.
  bool keys_known = false;
  Hook open = Hook::none;
  unsigned messages = 0;  ///< Sent by the client.
  unsigned acks = 0;
  int authentications = 0;  ///< Requested.
  int handshakes = 0;
  int disconnections = 0;
  int result = 1;             ///< Returned by send().
  bool transforming = false;  ///< The session waits for the transformer's result.
  bool transformed = false;   ///< The result is being given.
  bool subscribing = false;   ///< Its channels are being subscribed.
  bool closed = false;
  bool draining = false;  ///< It has ended, and its close waits for what was accepted.
  bool slow = false;
  bool reading = true;
  bool connected_seen = false;
  bool lost = false;  ///< It was encrypted, and messages were dropped unseen: `connected` may be.
  unsigned last_number = 0;
  std::vector<session::HistoryRequest> asked;  ///< About rooms with history.
  bool replay_due = false;
  SteadyTime deadline;
};

/// Records and checks the hooks that the sessions request.
class Hooks final : public session::Delegate {
 public:
  explicit Hooks(unsigned which) : which_(which) {}

  void authenticate(session::Session& session, std::string) override {
    if (session.authenticated()) return of(session).request(Client::Hook::renewal);
    require(of(session).authentications++ == 0, "M5: once");
  }
  bool handshake(session::Session& session, std::string) override {
    require(!of(session).peer, "S1: the ready-made encryption runs no hook");
    require(of(session).handshakes++ == 0 && of(session).authentications == 1, "M17: in order");
    return has(0);
  }
  bool validate_rooms(session::Session& session, std::vector<std::string> rooms) override {
    require(!rooms.empty(), "M7: only if any are left");
    return open(session, Client::Hook::rooms, has(1));
  }
  void read_history(session::Session& session, session::HistoryRequest request) override {
    require(!request.rooms.empty(), "nothing to ask for");
    of(session).asked.push_back(std::move(request));
  }
  void on_replay_due(session::Session& session) override { of(session).replay_due = true; }
  bool handle(session::Session& session, session::InboundEvent event) override {
    require(!event.event.empty(), "M2: an event has a name");
    return open(session, Client::Hook::message, has(2));
  }
  bool subscribe_client(session::Session& session, std::string_view) override {
    require(!std::exchange(of(session).subscribing, has(4)), "M17: once");
    return has(4);
  }
  bool subscribe_rooms(session::Session& session, const std::vector<std::string>& rooms) override {
    require(!rooms.empty(), "nothing to subscribe to");
    return open(session, Client::Hook::subscribe, has(4));
  }
  bool connected(session::Session& session) override {
    return open(session, Client::Hook::connected, has(3));
  }
  void transform(session::Session& session) override {
    Client& client = of(session);
    const bool requested = std::exchange(client.transforming, true);
    if (client.keys_known) return;  // What end() has encrypted may be requested again.
    require(!requested, "E6: one at a time");
    client.see(std::string(session.outbound().front()));
  }
  void on_draining_started(session::Session& session) override {
    require(!std::exchange(of(session).draining, true), "O17: it ends once");
  }
  void on_draining_finished(session::Session& session) noexcept override {
    require(std::exchange(of(session).draining, false), "it was draining");
  }
  void on_slow_consumer(session::Session& session) override { of(session).slow = true; }
  void on_idle(session::Session&) noexcept override {}
  void disconnected(session::Session& session,
                    const session::CloseCause& /*cause*/) noexcept override {
    require(of(session).disconnections++ == 0, "O16: once");
  }

 private:
  static Client& of(session::Session& session) { return static_cast<Client&>(session.transport()); }
  static bool open(session::Session& session, Client::Hook hook, bool exists) {
    of(session).request(hook);
    if (!exists) of(session).open = Client::Hook::none;
    return exists;
  }
  bool has(int hook) const { return (which_ >> hook & 1) != 0; }

  unsigned which_;
};

}  // namespace wscast::fuzz
