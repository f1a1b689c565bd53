#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "session/encrypted_channel.h"
#include "support/fake_random.h"
#include "support/session_fakes.h"

namespace wscast::session {

using Texts = std::vector<std::string>;

/// Counters that are not zero, by their names.
using Counts = std::map<std::string_view, std::uint64_t>;

/// Where a client can be between its open and its end.
enum class Stage : std::uint8_t {
  unauthorized,
  authenticating,
  handshaking,
  in_connected_hook,
  authenticated,
  in_rooms_hook,
  in_message_hook,
  transforming,  ///< Encrypted, and its transformer has a message.
};

/// For names of tests: `Unauthorized`.
std::string_view to_string(Stage stage);

/// One client of a World: its connection, which is fake, and its session, which is not.
struct Client {
  explicit Client(Context& context)
      : session(context, ClientId::generate(system_random()), transport) {}

  void receive(std::string_view text) { session.on_message(false, text); }
  int send(std::string_view text);  ///< As a send to this client does (protocol.md D1).
  std::string id() const { return session.id.text(); }

  /// What it was sent since the last call, its own id replaced by `ID`.
  Texts take_sent();

  FakeTransport transport;
  Session session;
};

/// One shard's sessions on fake connections, with a clock that stands still and hooks that the test
/// answers. Options are to be set before the clients that they concern are opened.
class World {
 public:
  Client& open();

  /// One whose user is `user`, authenticated, with no hook open; nothing of it is remembered.
  Client& enter(std::string_view user = "alice");

  /// Encrypts the clients that are opened from here on by the ready-made scheme.
  void encrypt(Encryption clients = Encryption::required,
               std::string info = "ignis-ecdh-p256-aes-256-gcm-v1");

  /// One at `stage`, with user `alice` once it has one; nothing of it is remembered.
  Client& client_in(Stage stage);

  /// Answers each open question, and those that follow, as `answers` say.
  void answer_all();

  /// Each kind of hook answers now, asked or not, as it may for a client that has just gone.
  void answer_late(Client& client) const;

  /// What was counted since forget().
  Counts counted() const;

  /// What was asked since the last call.
  Texts take_asked() { return std::exchange(delegate.asked, {}); }

  /// Forgets what was sent, asked and counted.
  void forget();

  hub::Delivered to_room(std::string_view room, std::string_view text, hub::Exclude exclude = {});
  hub::Delivered to_user(std::string_view user, std::string_view text);
  hub::Delivered broadcast(std::string_view text, hub::Exclude exclude = {});

  struct Answers {
    AuthenticateAnswer authenticate = Identity{"alice"};
    HandshakeAnswer handshake = HandshakeKeys{"key", "salt"};
    std::optional<Texts> rooms{};  ///< Nothing: those that were asked for.
    TransformAnswer transform = AsItIs{};
  };

  SessionOptions options;
  TransportOptions transport;
  FakeClock clock;
  FakeDelegate delegate;
  Answers answers;
  NoWatcher observer;
  hub::Hub hub{observer};
  Counters counters;
  Context context{options, transport, hub, delegate, counters, clock};
  FakeRandom random;  ///< Of the ready-made encryption.

 private:
  void answer(FakeDelegate::Question question) const;

  std::optional<ChannelContext> ecdh_;
  std::vector<std::unique_ptr<Client>> clients_;
  Stats before_;
};

/// `{"event":"error","data":{"message":...}}`
std::string error_text(std::string_view message);

}  // namespace wscast::session
