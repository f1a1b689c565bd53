// Encrypted clients against a model of them, in random orders: sends of each kind, transformers
// that return at any pace, connections that are full and drain, and closes. What leaves is at any
// moment what the model says, to the letter.

#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/ecdh_client.h"
#include "support/session_world.h"

namespace wscast::session {
namespace {

enum class Scheme : std::uint8_t { hooks, ready_made };

constexpr std::size_t kLimit = 1'800;  // Some ten messages.

std::size_t cost_of(std::string_view text) {
  return text.size() + 2 + ws::FrameRef::kCost;
}

std::string made_of(std::string_view text) {
  return R"({"event":"made","data":)" + std::string(text) + "}";
}

/// The messages that one client must be sent.
struct Expected {
  bool encrypted = false;
  bool ended = false;
  bool draining = false;
  bool pressed = false;  ///< Backpressure: the kernel takes nothing.
  bool full = false;     ///< The queue takes nothing.
  bool room = true;      ///< It is in the room.
  bool requested = false;
  std::string close{};
  std::deque<std::string> outbox{};
  std::size_t bytes = 0;  ///< What it costs, with headers of frames.
  std::uint64_t failures = 0;
  std::uint64_t drops = 0;  ///< Accepted, then dropped by the full queue.
  std::vector<std::string> sent{};

  /// Returns whether it was accepted.
  bool take(const std::string& text) {
    if (ended) return false;
    if (!encrypted) {
      if (!full) sent.push_back(text);
      return !full;
    }
    if (bytes > kLimit) return false;
    bytes += cost_of(text);
    outbox.push_back(text);
    request();
    return true;
  }

  void request() { requested = requested || (!outbox.empty() && !pressed); }

  std::string pop() {
    const std::string text = outbox.front();
    outbox.pop_front();
    bytes -= cost_of(text);
    return text;
  }

  /// The transformer made `text` of the front, or threw.
  void complete(const std::optional<std::string>& text) {
    pop();
    failures += text ? 0 : 1;
    drops += text && full ? 1 : 0;
    if (text && !full) sent.push_back(*text);
    requested = false;
    request();
    if (outbox.empty()) finish();
  }

  /// With the ready-made encryption what waits is sent at once, if it can be.
  void seal_all() {
    while (!outbox.empty() && !pressed) sent.push_back(pop());
    requested = false;
    if (outbox.empty()) finish();
  }

  void end(const std::string& error, std::string how, bool ready_made) {
    if (ended) return;
    if (!error.empty()) take(error);
    if (ready_made) seal_all();
    close = std::move(how);
    draining = true;
    ended = true;
    if (outbox.empty()) finish();
  }

  void finish() {
    if (!std::exchange(draining, false)) return;
    sent.push_back(close);
  }

  /// The close waited too long, or its connection went.
  void give_up(bool close_is_sent) {
    if (!draining) return;
    if (close_is_sent) failures += outbox.size();
    outbox.clear();
    if (close_is_sent) finish();
    draining = false;
  }
};

class Run {
 public:
  Run(unsigned seed, Scheme scheme) : random_(seed), scheme_(scheme) {
    world_.transport_options.backpressure_limit = kLimit;
    world_.options.notify_dropped = false;  // X2 has tests of its own.
    if (ready_made()) {
      ecdh_.emplace("ignis-ecdh-p256-aes-256-gcm-v1", system_random());
      world_.context.ecdh = &*ecdh_;
      world_.options.encryption = Encryption::optional;
    }
    for (int i = 0; i < 3; ++i) add(pick(3) > 0);
    world_.forget();
  }

  void step() {
    switch (pick(16)) {
      case 0:
      case 1:
      case 2: {
        const auto text = next();
        const bool accepted = some().session->send(text) != 0;
        EXPECT_EQ(accepted, chosen().expected.take(text)) << text;
        return;
      }
      case 3:
      case 4:
        return to_all([this](const std::string& text, const hub::Exclude& exclude) {
          world_.broadcast(text, exclude);
        });
      case 5:
      case 6:
        return to_members();
      case 7:
        return change_room();
      case 8:
        some().session->receive("no json");
        chosen().expected.take(error_text("Invalid message format"));
        return;
      case 9:
      case 10:
      case 11:
        return complete();
      case 12:
        return press();
      case 13:
        return drain();
      case 14:
        return pick(4) == 0 ? end() : enable();
      default:
        if (pick(6) == 0) give_up();
    }
  }

  void check() {
    for (auto& one : people_) {
      read(one);
      ASSERT_EQ(one.received, one.expected.sent);
    }
  }

  /// Nothing accepted is missing but what was counted.
  void come_to_rest() {
    for (auto& one : people_) {
      chosen_ = &one;
      drain();
    }
    while (!world_.delegate.open.empty()) complete();
    check();
    std::uint64_t failures = 0;
    std::uint64_t drops = 0;
    for (const auto& one : people_) {
      EXPECT_TRUE(one.expected.outbox.empty());
      failures += one.expected.failures;
      drops += one.expected.drops;
    }
    auto counted = world_.counted();
    EXPECT_EQ(counted["transform_failures"], failures);
    EXPECT_EQ(counted["dropped_late"], drops);
    EXPECT_EQ(world_.delegate.draining, std::vector<Session*>{});
  }

 private:
  struct Person {
    Client* session;
    Expected expected{};
    EcdhClient* keys = nullptr;
    std::vector<std::string> received{};  ///< With what was sealed opened.
  };

  bool ready_made() const { return scheme_ == Scheme::ready_made; }
  unsigned pick(unsigned n) { return static_cast<unsigned>(random_() % n); }
  std::string next() { return R"({"event":"e","data":)" + std::to_string(++count_) + "}"; }
  Person& chosen() { return *chosen_; }
  Person& some() {
    chosen_ = &people_[pick(static_cast<unsigned>(people_.size()))];
    return *chosen_;
  }

  void add(bool sealed) {
    Client& client = world_.open();
    Person person{.session = &client};
    const bool has_key = ready_made() && sealed;
    if (has_key) person.keys = &keys_.emplace_back();
    client.receive(R"({"event":"authenticate","data":{)" +
                   (has_key ? R"("publicKey":")" + person.keys->public_key() + '"' : "") + "}}");
    client.session.on_authenticate_result(Identity{"alice"});
    if (has_key) {
      EXPECT_TRUE(person.keys->learn_from(client.transport.sent.at(0)));
    }
    world_.delegate.open.clear();
    world_.hub.join(client.session, "room");
    if (sealed && !ready_made()) client.session.outbound().enable_encryption();
    person.expected.encrypted = sealed;
    people_.push_back(std::move(person));
  }

  template <class Call>
  void to_all(Call call) {
    const std::string text = next();
    const ClientId excluded = some().session->session.id;
    const bool excludes = pick(2) == 0;
    call(text, excludes ? hub::Exclude(&excluded, 1) : hub::Exclude());
    for (auto& one : people_) {
      if (!excludes || one.session->session.id != excluded) one.expected.take(text);
    }
  }

  void to_members() {
    const std::string text = next();
    world_.to_room("room", text);
    for (auto& one : people_) {
      if (one.expected.room) one.expected.take(text);
    }
  }

  void change_room() {
    Person& one = some();
    one.expected.room = !one.expected.room;
    if (one.expected.ended) return;
    if (one.expected.room) {
      world_.hub.join(one.session->session, "room");
    } else {
      one.session->receive(R"({"event":"leave","data":{"rooms":["room"]}})");
    }
  }

  /// Completes one of the open requests, in any order.
  void complete() {
    auto& open = world_.delegate.open;
    if (open.empty()) return;
    const auto at = open.begin() + pick(static_cast<unsigned>(open.size()));
    Session& session = *at->session;
    open.erase(at);
    for (auto& one : people_) {
      if (&one.session->session == &session) complete(one);
    }
  }

  void complete(Person& one) {
    if (one.expected.ended && !one.expected.draining) return;  // As ShardHooks: it is not found.
    if (ready_made()) {
      EXPECT_TRUE(one.session->session.outbound().seal_waiting());
      return one.expected.seal_all();
    }
    ASSERT_TRUE(one.expected.requested);
    const std::string text(one.session->session.outbound().front());
    ASSERT_EQ(text, one.expected.outbox.front());
    const auto kind = pick(8);
    if (kind == 0) {
      one.session->session.outbound().on_transform_result(Threw{});
      one.expected.complete(std::nullopt);
    } else if (kind == 1) {
      one.session->session.outbound().on_transform_result(Unchanged{});
      one.expected.complete(text);
    } else {
      one.session->session.outbound().on_transform_result(Transformed{"made", text});
      one.expected.complete(made_of(text));
    }
  }

  void press() {
    Person& one = some();
    if (one.expected.ended && !one.expected.draining) return;
    one.expected.pressed = true;
    one.expected.full = pick(2) == 0;
    one.session->transport.result = one.expected.full ? 0 : -1;
    one.session->session.outbound().on_backpressure();
  }

  void drain() {
    if (chosen_ == nullptr) some();
    Person& one = chosen();
    one.session->transport.result = 1;
    one.expected.pressed = one.expected.full = false;
    one.session->session.outbound().on_drain();
    one.expected.request();
  }

  void enable() {
    Person& one = some();
    if (ready_made() || one.expected.ended) return;
    one.session->session.outbound().enable_encryption();
    one.expected.encrypted = true;
  }

  void end() {
    Person& one = some();
    const bool fails = pick(2) == 0;
    one.session->session.end(fails ? kAuthenticationFailed : kShutdown);
    one.expected.end(fails ? error_text("Authentication failed") : "",
                     fails ? "close 4003 Authentication failed" : "close 1001 Server shutting down",
                     ready_made());
  }

  void give_up() {
    Person& one = some();
    if (!one.expected.draining) return;
    const bool close_is_sent = pick(2) == 0;
    if (close_is_sent) {
      one.session->session.on_deadline();
    } else {
      one.session->session.on_close();
    }
    one.expected.give_up(close_is_sent);
  }

  void read(Person& one) {
    for (auto& text : std::exchange(one.session->transport.sent, {})) {
      const bool opens = one.keys != nullptr && !text.starts_with("close");
      const auto opened = opens ? one.keys->open(text) : std::optional(text);
      EXPECT_TRUE(opened) << "in the clear: " << text;
      one.received.push_back(opened.value_or(text));
    }
  }

  std::mt19937 random_;
  const Scheme scheme_;
  World world_;
  std::optional<ChannelContext> ecdh_;
  std::deque<EcdhClient> keys_;
  std::vector<Person> people_;
  Person* chosen_ = nullptr;
  int count_ = 0;
};

void run(unsigned seed, Scheme scheme) {
  Run run(seed, scheme);
  for (int step = 0; step < 120; ++step) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", step " + std::to_string(step));
    run.step();
    run.check();
    if (testing::Test::HasFailure()) return;
  }
  SCOPED_TRACE("seed " + std::to_string(seed) + ", at rest");
  run.come_to_rest();
}

// shows: E1, E3, E4, E5, E6, T5
TEST(EncryptionModel, WhateverTheOrderClientsOfATransformerAreSentWhatTheyMust) {
  for (unsigned seed = 0; seed < 4'000 && !testing::Test::HasFailure(); ++seed) {
    run(seed, Scheme::hooks);
  }
}

// shows: E1, E6, S3, S6
TEST(EncryptionModel, WhateverTheOrderClientsOfTheReadyMadeSchemeAreSentWhatTheyMust) {
  for (unsigned seed = 0; seed < 1'000 && !testing::Test::HasFailure(); ++seed) {
    run(seed, Scheme::ready_made);
  }
}

}  // namespace
}  // namespace wscast::session
