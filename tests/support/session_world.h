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

/// Counters that are not zero, by name.
using Counts = std::map<std::string_view, std::uint64_t>;

/// A client's state between its open and its end.
enum class Stage : std::uint8_t {
  unauthorized,
  authenticating,
  handshaking,
  in_connected_hook,
  authenticated,
  in_rooms_hook,
  in_message_hook,
  transforming,  ///< Encrypted, with a message at the outbound transformer.
};

/// For names of tests: `Unauthorized`.
std::string_view to_string(Stage stage);

/// One client of a World: a real session on a fake transport.
struct Client {
  explicit Client(Context& context)
      : session(context, ClientId::generate(system_random()), transport) {}

  void receive(std::string_view text) { session.on_message(false, text); }
  int send(std::string_view text);  ///< As Server::send_to_client does (protocol.md D1).
  std::string id() const { return session.id.text(); }

  /// Returns what was sent since the last call, with the client's id replaced by `ID`.
  Texts take_sent();

  FakeTransport transport;
  Session session;
};

/// One shard's sessions on fake transports, with a clock that stands still and hooks that the test
/// completes. Set options before opening the clients that they concern.
class World {
 public:
  Client& open();

  /// Opens a client and authenticates it as `user`, with no hook open; forgets what that sent.
  Client& enter(std::string_view user = "alice");

  /// Clients opened from here on use the ready-made encryption.
  void encrypt(Encryption clients = Encryption::required,
               std::string info = "ignis-ecdh-p256-aes-256-gcm-v1");

  /// Opens a client and brings it to `stage`, as user `alice`; forgets what that sent.
  Client& client_in(Stage stage);

  /// Completes each open request, and those that follow, with `results`.
  void complete_all();

  /// Completes each kind of hook, requested or not, as may happen to a client that has just gone.
  void complete_late(Client& client) const;

  /// Returns what was counted since forget().
  Counts counted() const;

  /// Returns what was requested since the last call.
  Texts take_requests() { return std::exchange(delegate.requested, {}); }

  /// Forgets what was sent, requested and counted.
  void forget();

  hub::Delivered to_room(std::string_view room, std::string_view text, hub::Exclude exclude = {});
  hub::Delivered to_user(std::string_view user, std::string_view text);
  hub::Delivered broadcast(std::string_view text, hub::Exclude exclude = {});

  struct Results {
    AuthenticateResult authenticate = Identity{"alice"};
    HandshakeResult handshake = HandshakeKeys{"key", "salt"};
    std::optional<Texts> rooms{};  ///< `std::nullopt`: those that were requested.
    TransformResult transform = Unchanged{};
  };

  SessionOptions options;
  TransportOptions transport_options;
  FakeClock clock;
  FakeDelegate delegate;
  Results results;
  NullObserver observer;
  hub::Hub hub{observer};
  Counters counters;
  Context context{options, transport_options, hub, delegate, counters, clock};
  FakeRandom random;  ///< For the ready-made encryption.

 private:
  void complete(FakeDelegate::Request request) const;

  std::optional<ChannelContext> ecdh_;
  std::vector<std::unique_ptr<Client>> clients_;
  Stats before_;
};

/// `{"event":"error","data":{"message":...}}`
std::string error_text(std::string_view message);

}  // namespace wscast::session
