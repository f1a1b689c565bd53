// Lets bytes decide what happens to a few sessions of one hub: messages, results of hooks at right
// and wrong moments, time, sends. Client and Hooks check what a client may rely on.

#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include "choices.h"
#include "ids.h"
#include "protocol/utf8.h"
#include "session_world.h"
#include "support/fake_random.h"
#include "ws/frame_joiner.h"

namespace wscast {
namespace {

using session::Session;
using Texts = std::vector<std::string>;

const Texts kMessages = {
    R"({"event":"authenticate","data":{"publicKey":"k"},"id":1})",
    R"({"event":"authenticate","data":null})",
    R"({"event":"join","data":{"rooms":["a","b","ws:x","",7]},"id":[2]})",
    R"({"event":"join","data":{"rooms":["a","b","c","d","e"]}})",
    R"({"event":"join","data":{"rooms":[]}})",
    R"({"event":"leave","data":{"rooms":["a","ws-default"]}})",
    R"({"event":"leave","id":3})",
    R"({"event":"heartbeat"})",
    R"({"event":"move","data":[1],"id":"7"})",
    R"({"event":7})",
    "null",
    "no JSON",
    "\"\xff\"",
    R"({"event":"authenticate","ext":{"positions":1,"join":{"id":6,"data":{"rooms":["c","ws-default"],)"
    R"("recover":{"ids":["x"],"rooms":{"c":{"offset":1,"epoch":"e"},"a":7,"ws-default":)"
    R"({"offset":0,"epoch":"e"}}}}}}})",
    R"({"event":"join","data":{"rooms":["c"],"recover":{"rooms":{"c":{"offset":2,"epoch":"e"}}}},"id":8})",
};
const Texts kUsers = {"", "u", "v", "\xff"};
const Texts kRooms = {"a", "b", "c", "ws-default", "ws:x", "\xff", fuzz::kIds[0].text()};

/// For clients that know their keys.
const Texts kInside = {
    R"({"event":"join","data":{"rooms":["a","b"]},"id":4})",
    R"({"event":"leave","data":{"rooms":["a"]}})",
    R"({"event":"encrypted","data":{},"id":5})",
    R"({"event":"heartbeat"})",
    R"({"event":"authenticate"})",
    R"({"event":"move","data":[1],"id":"7"})",
    "no JSON",
    "\"\xff\"",
};

/// The kept inputs know three choices: the other options follow from them.
SessionOptions options_of(fuzz::Choices& choices) {
  const std::size_t message_rate = choices.below(4);
  const std::size_t join_rate = choices.below(3);
  return {.expiry_grace = std::chrono::seconds(message_rate),
          .max_messages_before_auth = 6,
          .max_bytes_before_auth = 400,
          .max_rooms_per_join = 4,
          .max_rooms_per_client = 5,
          .max_waiting_messages = 2,
          .message_rate = message_rate,
          .join_rate = join_rate,
          .byte_rate = join_rate == 2 ? std::size_t{300} : 0,
          .encryption = static_cast<Encryption>(choices.below(3))};
}

class World {
 public:
  explicit World(fuzz::Choices& choices)
      : choices_(choices), options_(options_of(choices)), which_(choices.below(64)) {
    transport_options_.backpressure_limit = 150 + 3 * ws::FrameRef::kCost;
    transport_options_.close_on_backpressure_limit = choices.yes();
    if (ready_made()) context_.ecdh = &ecdh_.emplace(std::string(EcdhClient::kInfo), random_);
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (ready_made()) clients_[i].peer.emplace();
      clients_[i].session.emplace(context_, fuzz::kIds[i], clients_[i]);
    }
  }

  void run() {
    while (!choices_.done()) {
      step();
      for (auto& client : clients_) answer_history(client);
      for (auto& client : clients_) check(client);
    }
    for (auto& client : clients_) finish(client);
    fuzz::require(hub_.clients() == 0 && hub_.authenticated() == 0, "O16: the hub is empty");
    for (const auto& room : kRooms) fuzz::require(reached(room, 'r') == 0, "rooms are empty");
  }

 private:
  void step() {
    fuzz::Client& client = choices_.of(clients_);
    switch (choices_.below(6)) {
      case 0:
        return client_sends(client);
      case 1:
        return client_does(client);
      case 2:
        return complete_authentication(client);
      case 3:
        return complete_hook(client);
      case 4:
        return server_does(client);
      default:
        reached(choices_.of(kRooms), "crua"[choices_.below(4)], &client);
    }
  }

  hub::SharedHistoryMessage history_message(std::uint64_t offset) const {
    const std::string number = std::to_string(offset);
    return std::make_shared<const hub::HistoryMessage>(hub::HistoryMessage::Parts{
        .room = "c",
        .position = {offset, "e"},
        .event = "kept",
        .head = R"({"event":"kept","data":)" + number,
        .tail = protocol::position_tail("c", offset),
        .exclude = offset % 3 == 0 ? std::vector<ClientId>{fuzz::kIds[0]} : std::vector<ClientId>(),
        .replay = offset % 4 != 0});
  }

  /// What is asked is answered soon, without a choice of its own: what was missed, some of it, or
  /// why not.
  void answer_history(fuzz::Client& client) {
    Session& session = *client.session;
    if (std::exchange(client.replay_due, false)) session.request_replays();
    if (sent_ % 4 == 1) return;
    for (const auto& request : std::exchange(client.asked, {})) {
      session::HistoryAnswer answer{.number = request.number, .rooms = {}};
      for (const auto& room : request.rooms) {
        auto& part = answer.rooms.emplace_back();
        part.name = room.name;
        if (sent_ % 8 == 7) part.lost = static_cast<protocol::LossReason>(sent_ / 8 % 4);
        if (sent_ % 8 != 7) part.position = room.seen.value_or(Position{kept_, "e"});
        if (!room.seen || part.lost || room.seen->offset >= kept_) continue;
        part.missed.push_back(history_message(room.seen->offset + 1));
        part.more = sent_ % 2 == 0 && room.seen->offset + 1 < kept_;
      }
      session.on_history(std::move(answer));
      session.take_pinned();
    }
  }

  void client_sends(fuzz::Client& client) {
    const bool binary = choices_.yes();
    ++client.messages;
    if (ready_made() && choices_.yes()) {
      client.session->on_message(binary, of_ready_made(*client.peer));
    } else {
      client.session->on_message(binary, choices_.of(kMessages));
    }
  }

  /// Before the client knows its keys what it seals is no good, either.
  std::string of_ready_made(EcdhClient& peer) {
    if (choices_.yes()) {
      return R"({"event":"authenticate","data":)" + peer.authenticate_data() + "}";
    }
    if (choices_.yes()) return peer.seal(choices_.of(kInside), peer.iv(choices_.below(256)));
    return peer.seal(choices_.of(kInside));
  }

  void client_does(fuzz::Client& client) {
    Session& session = *client.session;
    switch (choices_.below(7)) {
      case 0:
        ++client.messages;
        return session.on_message(choices_.yes(), choices_.text());
      case 1:
        return clock_.pass(std::chrono::milliseconds(100) * choices_.below(256));
      case 2:
        client.result = static_cast<int>(choices_.below(3)) - 1;
        return;
      case 3:
        return session.outbound().on_backpressure();
      case 4:
        return session.outbound().on_drain();
      case 5:
        if (clock_.now() >= client.deadline) {
          const bool was_draining = client.draining;
          session.on_deadline();
          fuzz::require(!was_draining || client.closed, "a close does not wait for ever");
        }
        session.on_control_frame(7);
        return session.check_heartbeat();
      default:
        session.on_close();
        client.closed = true;
    }
  }

  void complete_authentication(fuzz::Client& client) {
    Session& session = *client.session;
    switch (choices_.below(6)) {
      case 0:
        return authenticated(client, session::Refused{});
      case 1:
        return authenticated(client, session::Threw{});
      case 2:
        return session.on_handshake_result(session::Refused{});
      case 3:
        return session.on_handshake_result(session::Threw{});
      case 4:
        return session.on_handshake_result(HandshakeKeys{choices_.of(kUsers), "s"});
      default:
        authenticated(client, Identity{choices_.of(kUsers), {}, expires_in()});
    }
  }

  /// Now and then a user has too many clients, without a choice of its own.
  void authenticated(fuzz::Client& client, session::AuthenticateResult result) {
    if (client.open == fuzz::Client::Hook::renewal) client.open = fuzz::Client::Hook::none;
    observer_.identified = sent_ % 16 == 15   ? hub::IdentifyResult::too_many_clients
                           : sent_ % 16 == 14 ? hub::IdentifyResult::revoked
                                              : hub::IdentifyResult::identified;
    client.session->on_authenticate_result(std::move(result));
  }

  /// The same for how long an identity lasts.
  std::optional<std::chrono::milliseconds> expires_in() const {
    using std::chrono::milliseconds;
    if (sent_ % 2 == 0) return std::nullopt;
    if (sent_ % 8 == 7) return milliseconds(0);
    return sent_ % 8 == 5 ? milliseconds::max() : milliseconds(1'000);
  }

  /// Completes what is open; also late, after the session has ended.
  void complete_hook(fuzz::Client& client) {
    Session& session = *client.session;
    if (choices_.yes()) return complete_transform(client);
    if (std::exchange(client.subscribing, false)) return subscribed(session);
    if (client.open == fuzz::Client::Hook::renewal) return complete_authentication(client);
    const auto hook = std::exchange(client.open, fuzz::Client::Hook::none);
    if (hook == fuzz::Client::Hook::rooms) {
      std::optional<Texts> rooms;
      if (choices_.yes()) rooms.emplace();
      while (rooms && choices_.yes()) rooms->push_back(choices_.of(kRooms));
      session.on_rooms_result(rooms);
    } else if (hook == fuzz::Client::Hook::subscribe) {
      subscribed(session);
    } else if (hook != fuzz::Client::Hook::none || session.ended()) {
      session.on_hook_done();
    }
  }

  /// Now and then the broker refuses a room, without a choice of its own.
  void subscribed(Session& session) const {
    const std::span<const std::string> refused = std::span(kRooms).first(sent_ % 2);
    session.on_subscribed(refused);
    session.pin({"a channel"});
  }

  void complete_transform(fuzz::Client& client) {
    if (!std::exchange(client.transforming, false)) return;
    static const std::array<session::TransformResult, 6> kResults = {
        session::Unchanged{}, session::Threw{},         Transformed{"e", "[1]"},
        Transformed{"e", {}}, Transformed{"\xff", "1"}, Transformed{"e", "no JSON"}};
    if (client.session->outbound().seal_waiting()) return;
    client.transformed = true;
    client.session->outbound().on_transform_result(choices_.of(kResults));
    client.transformed = false;
  }

  void server_does(fuzz::Client& client) {
    Session& session = *client.session;
    const auto close_code = static_cast<std::uint16_t>(3000 + choices_.below(2));
    switch (choices_.below(8)) {
      case 0:
        session.send_raw(ws::make_frame(ws::Opcode::text, "raw"));
        return;
      case 1:
        if (!ready_made()) session.outbound().enable_encryption();  // E7
        return;
      case 2:
        return session.hold();
      case 3:
        return session.release();
      case 4:
        return session.end(session::kShutdown);
      case 5:
        return session.close(close_code, "bye");
      case 6:
        if (std::exchange(client.slow, false)) session.end(session::kSlowConsumer);
        return;
      default:
        if (!session.ended()) hub_.join(session, choices_.of(kRooms));
    }
  }

  /// How many a message reaches: c(lient), r(oom), u(ser) or a(ll).
  std::size_t reached(const std::string& name, char kind, fuzz::Client* client = nullptr) {
    add_message(kind);
    if (sent_ % 4 == 2 && joiner_.fits(200)) add_message(kind);  // They came together.
    if (sent_ % 16 == 9) change_rates();
    const auto frame = ws::FrameRef::of(joiner_.take());
    std::vector<ClientId> exclude;
    if (choices_.yes()) exclude.push_back(fuzz::kIds[0]);
    if (kind == 'r' && name == "c") {
      hub_.to_room(*history_message(++kept_), {});
      const Position position{kept_, "e"};
      for (hub::Member* member : hub_.members_of_room(name)) {
        if (sent_ % 16 == 3) {
          static_cast<Session*>(member)->on_history_gap({.room = name, .position = &position});
        }
      }
    }
    if (kind == 'r') return hub_.to_room(name, frame, exclude).accepted;
    if (kind == 'u') return hub_.to_user(choices_.of(kUsers), frame).accepted;
    if (kind == 'a') return hub_.broadcast(frame, exclude).accepted;
    if (sent_ % 16 == 5) lose_elsewhere(*client);
    hub::Member* member = hub_.find(client->session->id);
    return member != nullptr && member->deliver(frame, hub::Address::client) != 0 ? 1 : 0;
  }

  void add_message(char kind) {
    std::string text = std::string(R"({"event":"sent to )") + kind + R"(","data":)" +
                       std::to_string(++sent_) + "}";
    if (sent_ % 8 == 3) text.resize(200, ' ');
    std::ranges::copy(text, joiner_.add(ws::Opcode::text, text.size()).begin());
  }

  void change_rates() {
    const SessionOptions before = options_;
    options_.message_rate = (options_.message_rate + 1) % 4;
    options_.byte_rate = options_.byte_rate == 0 ? 300 : 600;
    for (auto& client : clients_) client.session->on_options_changed(before);
  }

  /// As another thread does when the shard's inbox is full (X2).
  static void lose_elsewhere(fuzz::Client& client) {
    client.session->lost.fetch_add(1);
    client.session->outbound().on_hole();
  }

  void check(fuzz::Client& client) const {
    const bool ended = client.session->ended();
    client.lost = client.lost || (client.session->full && client.session->encrypted);
    fuzz::require(ended == (client.disconnections == 1), "O16: as often as it ends");
    fuzz::require(ended == (client.closed || client.draining), "O17: it ends when it closes");
    fuzz::require(ended == (hub_.find(client.session->id) == nullptr), "O17: removed at once");
  }

  void finish(fuzz::Client& client) {
    client.session->on_close();
    fuzz::require(client.disconnections == 1, "O16: once");
    fuzz::require(!client.draining, "nothing drains without a connection");
  }

  bool ready_made() const { return (which_ & 32) != 0; }

  fuzz::Choices& choices_;
  session::NullObserver observer_;
  hub::Hub hub_{observer_};
  Counters counters_;
  session::FakeClock clock_;
  TransportOptions transport_options_;
  SessionOptions options_;
  std::size_t
      which_;  ///< Of the hooks there are, a bit each; and bit 5: the ready-made encryption.
  fuzz::Hooks hooks_{static_cast<unsigned>(which_)};
  const session::HistoryRules history_rules_{{{.match = "c"}, {.match = "ws-default"}}};
  session::Context context_{
      options_, transport_options_, hub_, hooks_, counters_, clock_, 0, nullptr,
      false,    &history_rules_};
  FakeRandom random_;
  std::optional<session::ChannelContext> ecdh_;
  ws::FrameJoiner joiner_;
  unsigned sent_ = 0;
  std::uint64_t kept_ = 0;  ///< Messages of rooms with history.
  std::array<fuzz::Client, fuzz::kIds.size()> clients_;
};

}  // namespace
}  // namespace wscast

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wscast::fuzz::Choices choices(data, size);
  wscast::World(choices).run();
  return 0;
}
