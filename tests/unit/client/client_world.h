#pragma once

#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/client.h"

#include "base/random.h"
#include "client/client_session.h"

namespace wscast::client {

/// Delays are as long as they may be; or any, by a seed.
class DelayRandom final : public Random {
 public:
  DelayRandom() = default;
  explicit DelayRandom(std::uint64_t seed) : engine_(std::in_place, seed) {}

  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = engine_ ? static_cast<std::uint8_t>((*engine_)()) : 0xff;
  }

 private:
  std::optional<std::mt19937_64> engine_;
};

/// A session without a network and with a clock of the test, and what it does and says.
class ClientWorld final : public ClientTransport {
 public:
  using Texts = std::vector<std::string>;

  ClientOptions options{.url = "ws://server/ws", .token = [] { return std::string("alice"); }};
  SteadyTime now{std::chrono::hours(1)};
  DelayRandom random;
  int connections = 0;
  std::optional<std::uint16_t> closed_with;
  bool aborted = false;

  /// Makes the session, and its first attempt.
  void start() {
    options.on_state = [this](const ClientStateChange& change) { on_state(change); };
    options.on_error = [this](const ClientError& error) { errors.push_back(text(error)); };
    options.on_message = [this](const ReceivedMessage& message) {
      std::string line = std::string(message.event) + ' ' + std::string(message.data.view());
      if (message.offset) {
        line += " " + std::string(message.room) + ' ' + std::to_string(*message.offset) + ' ' +
                std::string(message.epoch);
      }
      heard.push_back(message.event.empty() ? std::string(message.text) : line);
    };
    options.on_gap = [this](const ClientGap& gap) { heard.push_back(text(gap)); };
    options.on_dropped = [this](std::optional<std::uint64_t> count) {
      heard.push_back("dropped " + number(count));
    };
    session = std::make_unique<ClientSession>(options, *this, random);
    tick();
  }

  /// Connected at a server with positions, or one without.
  void start_connected(bool positions = true) {
    start();
    admit(positions ? "{}" : "");
  }

  void tick(std::chrono::milliseconds time = {}) {
    const SteadyTime end = now + time;
    while (session->due() <= end) {
      now = std::max(now, session->due());
      session->on_time(now);
    }
    now = end;
  }

  /// Opens the connection and answers `authenticate`. Returns that. `positions` empty: by a server
  /// that knows none.
  std::string admit(const std::string& positions = "{}", const std::string& id = "client-1") {
    session->on_open();
    const auto first = take();
    EXPECT_EQ(first.size(), 1u);
    const std::string more = positions.empty() ? "" : ",\"positions\":" + positions;
    receive("connected", R"({"id":")" + id + R"(","userId":"alice")" + more + "}",
            "\"authenticate\"");
    return first.empty() ? "" : first[0];
  }

  /// The connection is lost, and the next one is made.
  void reconnect() {
    end();
    const int before = connections;
    while (connections == before) tick(std::chrono::seconds(1));
  }

  void receive(const std::string& event, const std::string& data = "", const std::string& id = "",
               const std::string& more = "") {
    std::string text = R"({"event":")" + event + '"';
    if (!data.empty()) text += ",\"data\":" + data;
    if (!id.empty()) text += ",\"id\":" + id;
    receive_text(text + more + '}');
  }
  void receive_text(const std::string& text) { session->on_text(now, text); }

  /// A message of a room with history.
  void chat(const std::string& room, int offset) {
    receive("chat", std::to_string(offset), "",
            R"(,"room":")" + room + R"(","offset":)" + std::to_string(offset));
  }

  /// Replies to a join that all is joined, with these positions.
  void reply(const std::string& rooms, const std::string& positions = "") {
    const bool ok = rooms.find(":\"joined\"") != std::string::npos;
    receive("ack",
            R"({"ok":)" + std::string(ok ? "true" : "false") + R"(,"rooms":)" + rooms +
                (positions.empty() ? "" : ",\"positions\":" + positions) + '}',
            "\"join\"");
  }

  void end(std::uint16_t code = 0, const std::string& reason = "") {
    session->on_end(now, {.words = "the end", .close_code = code, .close_reason = reason});
  }

  void join(const std::string& room) {
    session->join(room, [this, room](const ClientError& error) {
      results.push_back(room + ": " + text(error));
    });
    session->flush(now);
  }

  void publish(const std::string& room, const std::string& data, const std::string& key = "",
               bool echo = false) {
    session->publish(now, {room, "chat", data, echo, key, [this, data](const auto& result) {
                             std::string line = data + ": " + text(result.error);
                             if (result.position) {
                               line += " at " + std::to_string(result.position->offset);
                             }
                             if (result.repeated) line += " repeated";
                             results.push_back(line);
                           }});
  }

  /// What was sent since the last time.
  Texts take() { return std::exchange(sent, {}); }

  static std::string number(std::optional<std::uint64_t> number) {
    return number ? std::to_string(*number) : "null";
  }
  static std::string text(const ClientGap& gap) {
    return "gap " + gap.room + ' ' + number(gap.from) + ' ' + number(gap.to) + ' ' + gap.reason;
  }
  static std::string text(const ClientError& error) {
    if (!error) return "ok";
    if (error.code == Errc::refused) return "refused: " + error.message;
    if (error.code == Errc::lost) return "lost";
    if (error.code == Errc::stopped) return "stopped";
    if (error.code == Errc::queue_full) return "full";
    if (error.code == Errc::reported) return "server: " + error.message;
    if (error.code == Errc::disconnected) return "disconnected: " + error.message;
    if (error.code == Errc::not_authenticated) return "not authenticated: " + error.message;
    if (error.code == std::errc::not_connected) return "not connected";
    if (error.code == std::errc::timed_out) return "timeout: " + error.message;
    if (error.code == std::errc::operation_canceled) return "left";
    return "unknown: " + error.message;
  }

  Texts sent;
  Texts states;
  Texts errors;
  Texts heard;    ///< Messages, gaps, drops.
  Texts results;  ///< Of calls.
  std::unique_ptr<ClientSession> session;

 private:
  void on_state(const ClientStateChange& change) {
    switch (change.state) {
      case ConnectionState::connecting:
        return states.emplace_back("connecting"), void();
      case ConnectionState::connected:
        return states.emplace_back("connected"), void();
      case ConnectionState::waiting:
        return states.push_back("waiting " + std::to_string(change.delay.count()));
      case ConnectionState::closed:
        return states.push_back("closed: " + text(change.error));
    }
  }

  void connect() override {
    ++connections;
    sent.clear();
    aborted = false;
  }
  void send(std::string_view text) override { sent.emplace_back(text); }
  void ping() override { sent.emplace_back("ping"); }
  void close(std::uint16_t code) override { closed_with = code; }
  void abort() override { aborted = true; }
};

}  // namespace wscast::client
