// Whatever the order of joins, leaves, authentications, publishes, encryptions and ends of clients,
// over shards and servers: who is encrypted is sent nothing in the clear, and each client is sent
// each sender's messages to it, all of them, once and in order.
//
// Senders number their messages and keep whom each was for; clients keep what they received and
// when they were in which room. All is compared afterwards. A seed is one case.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/json_fields.h"

#include "integration/remote.h"
#include "integration/server_fixture.h"
#include "support/bus.h"
#include "support/ecdh_client.h"

namespace wscast {
namespace {

using client::Event;

constexpr int kRooms = 3;  // Residents are in all, movers come and go.
constexpr int kUsers = 2;
constexpr int kResidents = 4;
constexpr int kMovers = 4;
constexpr int kOutside = 3;
constexpr int kMessages = 80;  // Of an outside thread.
constexpr int kActs = 25;      // Of a resident.
constexpr auto kPatience = std::chrono::seconds(20);

std::string room(int n) {
  return "room" + std::to_string(n);
}

std::string user(int n) {
  return "user" + std::to_string(n);
}

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed + 1) {}
  int roll(int sides) { return static_cast<int>(random_() % static_cast<unsigned>(sides)); }

 private:
  std::minstd_rand random_;
};

/// What one message was for.
struct Sent {
  enum class To : std::uint8_t { client, user, room, everybody };
  To to = To::everybody;
  std::string target{};
  std::string excluded{};
  std::optional<int> server{};  ///< Only its clients; nothing: those of all servers.
  std::uint64_t begun = 0;      ///< When the call began.
};

/// The times of all that happens, what every sender sent, and who is there.
class Ledger {
 public:
  std::uint64_t now() { return ++clock_; }

  int add_sender() {
    const std::lock_guard lock(mutex_);
    logs_.emplace_back();
    return static_cast<int>(logs_.size()) - 1;
  }

  /// Answers the message's number. A sender does one thing at a time.
  std::size_t write(int sender, Sent sent) {
    const std::lock_guard lock(mutex_);
    auto& log = logs_[static_cast<std::size_t>(sender)];
    log.push_back(std::move(sent));
    return log.size() - 1;
  }

  void come(const std::string& id) {
    const std::lock_guard lock(mutex_);
    clients_.push_back(id);
  }

  /// Gone or not.
  std::string some_client(Dice& dice) {
    const std::lock_guard lock(mutex_);
    return clients_[static_cast<std::size_t>(dice.roll(static_cast<int>(clients_.size())))];
  }

  const std::vector<Sent>& log(int sender) const { return logs_.at(std::size_t(sender)); }
  std::size_t senders() const { return logs_.size(); }

 private:
  std::atomic<std::uint64_t> clock_{0};
  std::mutex mutex_;
  std::deque<std::vector<Sent>> logs_;
  std::vector<std::string> clients_;
};

/// What a client knows of its being in a room.
struct Stay {
  enum class State : std::uint8_t { out, unsure, in };
  int room;
  State state;
  std::uint64_t since;
};

struct Received {
  int sender;
  std::size_t number;
};

/// One connection's story.
struct Story {
  int server = 0;
  std::string user{};
  std::string id{};
  std::uint64_t connected = 0;
  std::vector<std::variant<Stay, Received>> events{};
};

/// Compares a story with what was sent.
class Comparison {
 public:
  Comparison(const Ledger& ledger, const Story& story)
      : ledger_(ledger), story_(story), next_(ledger.senders()) {}

  void run() {
    for (const auto& event : story_.events) {
      if (const auto* stay = std::get_if<Stay>(&event)) {
        stays_[static_cast<std::size_t>(stay->room)] = *stay;
      } else {
        take(std::get<Received>(event));
      }
    }
  }

 private:
  enum class Fit : std::uint8_t { no, maybe, yes };

  void take(const Received& received) {
    const auto& log = ledger_.log(received.sender);
    std::size_t& next = next_[static_cast<std::size_t>(received.sender)];
    ASSERT_LT(received.number, log.size());
    ASSERT_GE(received.number, next) << "doubled or out of order: " << name(received);
    for (; next < received.number; ++next) {
      ASSERT_NE(fit(log[next]), Fit::yes) << "lost: " << name({received.sender, next});
    }
    ASSERT_NE(fit(log[next++]), Fit::no) << "not for this client: " << name(received);
  }

  Fit fit(const Sent& sent) const {
    if (sent.excluded == story_.id || (sent.server && *sent.server != story_.server)) {
      return Fit::no;
    }
    const Fit known = sent.begun > story_.connected ? Fit::yes : Fit::maybe;
    switch (sent.to) {
      case Sent::To::client:
        return sent.target == story_.id ? known : Fit::no;
      case Sent::To::user:
        return sent.target == story_.user ? known : Fit::no;
      case Sent::To::everybody:
        return known;
      case Sent::To::room:
        break;
    }
    const Stay& stay = stays_[static_cast<std::size_t>(sent.target.back() - '0')];
    if (stay.state == Stay::State::out) return Fit::no;
    return stay.state == Stay::State::in && sent.begun > stay.since ? Fit::yes : Fit::maybe;
  }

  std::string name(const Received& received) const {
    return "message " + std::to_string(received.number) + " of sender " +
           std::to_string(received.sender) + " at client " + story_.id;
  }

  const Ledger& ledger_;
  const Story& story_;
  std::vector<std::size_t> next_;
  std::array<Stay, kRooms> stays_{};
};

/// What a seed decides about the servers.
struct Setting {
  bool ready_made;
  bool required;
  bool exact;  ///< The servers subscribe to what they need, not to all.
};

/// Two servers of two or three shards, and whatever threads send on them.
class World {
 public:
  World(unsigned seed, const Setting& setting) : seed_(seed), setting_(setting) {
    for (int i = 0; i < 2; ++i) {
      servers_.push_back(std::make_unique<ServerFixture>(
          2 + (seed + static_cast<unsigned>(i)) % 2,
          [this, i](ServerOptions& options) { adjust(i, options); }));
      servers_.back()->spread();
    }
  }

  ServerFixture& server(int n) { return *servers_[static_cast<std::size_t>(n)]; }
  void end() { servers_.clear(); }

  /// Sends something to somebody, from this thread.
  void publish(int sender, int server, Dice& dice);

  /// To everybody on all servers: a sender's last.
  void publish_last(int sender, int server) {
    call(sender, server, {.to = Sent::To::everybody}, {}, true);
  }

  void send_outside(int n, int sender) {
    Dice dice(seed_ * 100 + static_cast<unsigned>(n));
    const int server = n % 2;
    for (int left = kMessages; left > 0; --left) {
      publish(sender, server, dice);
      if (!setting_.ready_made && dice.roll(20) == 0) {
        this->server(server).server().enable_client_encryption(ledger.some_client(dice));
      }
      for (int pause = dice.roll(20); pause > 0; --pause) std::this_thread::yield();
    }
    publish_last(sender, server);
  }

  unsigned seed() const { return seed_; }
  const Setting& setting() const { return setting_; }

  Ledger ledger;
  std::atomic<bool> over = false;  ///< The outside threads have sent all.

 private:
  void adjust(int server, ServerOptions& options);
  void handle(int server, const ClientMessage& message);
  void call(int sender, int server, Sent sent, const std::vector<std::string>& exclude, bool last);
  void later(std::function<void()> task);

  const unsigned seed_;
  const Setting setting_;
  Bus bus_;
  std::atomic<unsigned> turn_ = 0;
  std::array<Elsewhere, 3> elsewhere_;
  std::vector<std::unique_ptr<ServerFixture>> servers_;
};

void World::adjust(int server, ServerOptions& options) {
  options.broker = bus_.broker(setting_.exact);
  options.transport.backpressure_limit = 64 * 1024 * 1024;
  options.transport.close_timeout = std::chrono::milliseconds(200);
  options.hooks.message = [this, server](const ClientMessage& message) { handle(server, message); };
  const auto clients = setting_.required ? Encryption::required : Encryption::optional;
  if (setting_.ready_made) {
    options.encryption = ecdh({.clients = clients});
    return;
  }
  options.session.encryption = clients;
  options.session.encrypted_batch_limit = 3;
  options.hooks.handshake = [this](const HandshakeRequest&,
                                   Reply<std::optional<HandshakeKeys>> reply) {
    later([reply] { reply(HandshakeKeys{.server_public_key = "PK", .salt = "SA"}); });
  };
  options.hooks.outbound_transformer = [this](const TransformRequest& request,
                                              Reply<std::optional<Transformed>> reply) {
    const std::string data =
        request.data.present() ? R"(,"data":)" + std::string(request.data.view()) : "";
    later([reply, made = R"([")" + std::string(request.client_id) + R"(",{"event":")" +
                         std::string(request.event) + '"' + data +
                         "}]"] { reply(Transformed{.event = "sealed", .data = made}); });
  };
}

/// Now, or on another thread at its pace.
void World::later(std::function<void()> task) {
  const unsigned turn = turn_++ * 2'654'435'761u + seed_;
  const unsigned way = (turn >> 16) % 4;
  if (way == 3) return task();
  elsewhere_[way].post([task = std::move(task), pauses = (turn >> 20) % 16] {
    for (unsigned left = pauses; left > 0; --left) std::this_thread::yield();
    task();
  });
}

void World::handle(int server, const ClientMessage& message) {
  Server& here = this->server(server).server();
  int sender = 0;
  unsigned seed = 0;
  if (message.event == "act") {
    std::sscanf(std::string(message.data.view()).c_str(), "[%d,%u]", &sender, &seed);
    Dice dice(seed);
    return publish(sender, server, dice);
  }
  if (message.event == "last") {
    return publish_last(std::stoi(std::string(message.data.view())), server);
  }
  if (message.event == "enable") {
    EXPECT_FALSE(here.enable_client_encryption(message.client_id));
  }
  // It may have gone.
  here.send_to_client(
      {.client_id = message.client_id, .event = message.event, .data = message.data});
}

void World::publish(int sender, int server, Dice& dice) {
  Sent sent{.server = server};
  std::vector<std::string> exclude;
  if (dice.roll(2) == 0) exclude.push_back(ledger.some_client(dice));
  switch (dice.roll(4)) {
    case 0:
      sent.to = Sent::To::client;
      sent.target = ledger.some_client(dice);
      exclude.clear();
      break;
    case 1:
      sent.to = Sent::To::user;
      sent.target = user(dice.roll(kUsers));
      exclude.clear();
      break;
    case 2:
      sent.to = Sent::To::room;
      sent.target = room(dice.roll(kRooms));
      break;
    default:
      break;
  }
  if (sent.to != Sent::To::user && dice.roll(2) == 0) sent.server.reset();
  if (!exclude.empty()) sent.excluded = exclude.front();
  call(sender, server, std::move(sent), exclude, false);
}

void World::call(int sender, int server, Sent sent, const std::vector<std::string>& exclude,
                 bool last) {
  Server& here = this->server(server).server();
  sent.begun = ledger.now();
  const std::size_t number = ledger.write(sender, sent);
  const std::string text = "[" + std::to_string(sender) + "," + std::to_string(number) + "," +
                           std::to_string(last ? 1 : 0) + "]";
  const Json data = Json::text(text);
  std::error_code error;
  if (!sent.server) {
    error = here.send({.destination = sent.target, .event = "e", .data = data, .exclude = exclude});
  } else if (sent.to == Sent::To::client) {
    here.send_to_client({.client_id = sent.target, .event = "e", .data = data});
  } else if (sent.to == Sent::To::user) {
    error = here.send_to_user({.user_id = sent.target, .event = "e", .data = data});
  } else if (sent.to == Sent::To::room) {
    error =
        here.send_to_room({.room = sent.target, .event = "e", .data = data, .exclude = exclude});
  } else {
    error = here.broadcast({.event = "e", .data = data, .exclude = exclude});
  }
  // A client's last act may come after all is over.
  if (error) {
    EXPECT_EQ(error, Errc::stopped);
  }
}

/// One client's connection. One thread.
class Life {
 public:
  Life(World& world, int number, unsigned seed)
      : world_(world), number_(number), dice_(seed), sender_(world.ledger.add_sender()) {
    story_.server = number % 2;
    story_.user = user(number / 2 % kUsers);
  }

  void connect();

  /// To a room or out of it; counts when the answer to the mark behind it has come.
  void change_room(int room, bool in);
  void await_marks() {
    await([this] { return marks_.empty(); }, "a mark");
  }

  /// Until the world is over; then until every sender's last message is here.
  void reside();

  /// A random time, then gone in one way or another.
  void visit();

  int sender() const { return sender_; }
  const Story& story() const { return story_; }

 private:
  using Condition = std::function<bool()>;

  void say(const std::string& event, const std::string& data);
  void act() {
    say("act", "[" + std::to_string(sender_) + "," + std::to_string(dice_.roll(1 << 20)) + "]");
  }
  void enable();
  void leave();
  void await(const Condition& condition, const char* what);
  void turn(std::chrono::milliseconds timeout);
  std::string opened(const std::string& text);
  void take(const std::string& text);
  void take_connected(const std::string& text);
  void take_mark(int mark);

  World& world_;
  const int number_;
  Dice dice_;
  const int sender_;
  Story story_;
  client::BlockingClient socket_;
  std::optional<EcdhClient> keys_;  ///< Of the ready-made scheme.
  bool has_key_ = false;
  bool sealed_ = false;  ///< Nothing plain may come any more.
  bool enabling_ = false;
  bool closed_ = false;
  int next_mark_ = 0;
  std::deque<std::pair<int, Stay>> marks_;  ///< What counts when they are here.
  int lasts_ = 0;
};

void Life::connect() {
  ASSERT_FALSE(socket_.connect(endpoint_of(world_.server(story_.server).address())));
  has_key_ = world_.setting().required || dice_.roll(2) == 0;
  std::string key;
  if (has_key_ && world_.setting().ready_made) keys_.emplace();
  if (has_key_) key = R"(,"publicKey":")" + (keys_ ? keys_->public_key() : "x") + '"';
  socket_.send_text(message("authenticate", R"({"token":")" + story_.user + '"' + key + "}"));
  await([this] { return !story_.id.empty(); }, "`connected`");
  world_.ledger.come(story_.id);
}

void Life::say(const std::string& event, const std::string& data) {
  const std::string text = message(event, data);
  socket_.send_text(keys_ && dice_.roll(2) == 0 ? keys_->seal(text) : text);
}

void Life::change_room(int room, bool in) {
  story_.events.emplace_back(Stay{room, Stay::State::unsure, 0});
  say(in ? "join" : "leave", R"({"rooms":[")" + wscast::room(room) + R"("]})");
  marks_.emplace_back(next_mark_, Stay{room, in ? Stay::State::in : Stay::State::out, 0});
  say("mark", std::to_string(next_mark_++));
}

void Life::enable() {
  if (sealed_ || enabling_ || world_.setting().ready_made) return;
  enabling_ = true;
  say("enable", "0");
}

void Life::reside() {
  int acts = kActs;
  while (!closed_ && (!world_.over || acts > 0)) {
    turn(std::chrono::milliseconds(1));
    if (acts > 0 && dice_.roll(3) == 0) {
      act();
      --acts;
    }
    if (dice_.roll(40) == 0) enable();
  }
  say("last", std::to_string(sender_));
  await([this] { return lasts_ == kResidents + kOutside; }, "the last messages");
  socket_.close();
}

void Life::visit() {
  for (int left = dice_.roll(60); left > 0 && !closed_; --left) {
    turn(std::chrono::milliseconds(1));
    const int what = dice_.roll(8);
    if (what < 2) change_room(dice_.roll(kRooms), what == 0);
    if (what == 2) act();
    if (what == 3) enable();
  }
  leave();
}

void Life::leave() {
  const int how = dice_.roll(4);
  if (how == 0) return socket_.reset();
  if (how == 1) return socket_.close();
  if (how == 2) {
    socket_.send_close(1000);
  } else {
    EXPECT_FALSE(world_.server(story_.server).server().close_client({.client_id = story_.id}));
  }
  await([this] { return closed_; }, "a close frame");
  socket_.close();
}

void Life::await(const Condition& condition, const char* what) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    const bool late = std::chrono::steady_clock::now() > end;
    if (!late && !closed_) {
      turn(std::chrono::milliseconds(100));
      continue;
    }
    ADD_FAILURE() << what << " never came to client " << story_.id << " " << number_;
    return;
  }
}

void Life::turn(std::chrono::milliseconds timeout) {
  const Event event = socket_.receive(timeout);
  switch (event.kind) {
    case Event::Kind::timeout:
      return;
    case Event::Kind::text:
      return take(opened(event.payload));
    case Event::Kind::close:
      EXPECT_EQ(event.code, 1000) << event.payload;
      break;
    default:
      ADD_FAILURE() << "not a message: " << event.payload;
  }
  closed_ = true;
}

/// The message in what came; a failure when it should have been encrypted, or should not.
std::string Life::opened(const std::string& text) {
  if (keys_ && sealed_) {
    const auto plain = keys_->open(text);
    EXPECT_TRUE(plain) << "in the clear: " << text;
    return plain.value_or(text);
  }
  const std::string begin = R"({"event":"sealed","data":[")";
  if (!text.starts_with(begin)) {
    EXPECT_FALSE(sealed_) << "in the clear: " << text;
    EXPECT_FALSE(text.starts_with(R"({"event":"encrypted")")) << text;
    return text;
  }
  sealed_ = true;
  const std::size_t at = begin.size();
  const std::string whom = text.substr(at, 36);
  EXPECT_TRUE(story_.id.empty() || whom == story_.id) << "made for another: " << text;
  return text.substr(at + 36 + 2, text.size() - (at + 36 + 2) - 2);
}

void Life::take(const std::string& text) {
  int sender = 0;
  int last = 0;
  int mark = 0;
  std::size_t number = 0;
  if (std::sscanf(text.c_str(), R"({"event":"e","data":[%d,%zu,%d]})", &sender, &number, &last) ==
      3) {
    EXPECT_FALSE(story_.id.empty()) << "before `connected`: " << text;
    story_.events.emplace_back(Received{sender, number});
    lasts_ += last;
  } else if (std::sscanf(text.c_str(), R"({"event":"mark","data":%d})", &mark) == 1) {
    take_mark(mark);
  } else if (text.starts_with(R"({"event":"enable")")) {
    EXPECT_TRUE(sealed_) << "the first message behind it is in the clear";
  } else if (text.starts_with(R"({"event":"connected")")) {
    take_connected(text);
  } else {
    ADD_FAILURE() << "nobody sent this: " << text;
  }
}

void Life::take_connected(const std::string& text) {
  const auto fields = JsonFields::of(Json::text(text));
  story_.id = JsonFields::of(fields->raw("data"))->string("id").value();
  story_.connected = world_.ledger.now();
  if (keys_) {
    EXPECT_TRUE(keys_->learn_from(text)) << text;
    sealed_ = true;
  }
  EXPECT_EQ(sealed_, has_key_) << text;
}

void Life::take_mark(int mark) {
  ASSERT_FALSE(marks_.empty());
  auto [awaited, stay] = marks_.front();
  marks_.pop_front();
  EXPECT_EQ(mark, awaited);
  for (const auto& [later, other] : marks_) {
    if (other.room == stay.room) return;  // It has been changed again.
  }
  stay.since = world_.ledger.now();
  story_.events.emplace_back(stay);
}

class EncryptionInAnyOrder : public testing::TestWithParam<unsigned> {};

// shows: E1, E5, E6, D3, D4, D5, M17, S3, S6, S8
TEST_P(EncryptionInAnyOrder, NothingIsPlainLostDoubledOrOutOfOrder) {
  const unsigned seed = GetParam();
  World world(
      seed,
      {.ready_made = seed % 2 == 0, .required = seed / 2 % 4 == 0, .exact = seed / 2 % 2 == 0});
  std::vector<std::unique_ptr<Life>> residents;
  for (int i = 0; i < kResidents; ++i) {
    residents.push_back(std::make_unique<Life>(world, i, seed * 1'000 + unsigned(i)));
    residents.back()->connect();
    for (int room = 0; room < kRooms; ++room) residents.back()->change_room(room, true);
    residents.back()->await_marks();
  }
  std::mutex mutex;
  std::deque<std::unique_ptr<Life>> visitors;
  std::vector<std::thread> threads;
  for (auto& resident : residents) threads.emplace_back([&] { resident->reside(); });
  for (int i = 0; i < kMovers; ++i) {
    threads.emplace_back([&, i] {
      for (unsigned visit = 0; !world.over; ++visit) {
        auto life =
            std::make_unique<Life>(world, i, seed * 1'000 + 100 + unsigned(i) * 100 + visit);
        life->connect();
        if (!life->story().id.empty()) life->visit();
        const std::lock_guard lock(mutex);
        visitors.push_back(std::move(life));
      }
    });
  }
  std::vector<std::thread> outside;
  for (int i = 0; i < kOutside; ++i) {
    outside.emplace_back(
        [&, i, sender = world.ledger.add_sender()] { world.send_outside(i, sender); });
  }
  for (auto& thread : outside) thread.join();
  world.over = true;
  for (auto& thread : threads) thread.join();
  for (int i = 0; i < 2; ++i) {
    const auto stats = world.server(i).server().stats();
    EXPECT_EQ(stats[Counter::dropped_backpressure], 0u);
    EXPECT_EQ(stats[Counter::dropped_overloaded], 0u);
    EXPECT_EQ(stats[Counter::decryption_failures], 0u);
    EXPECT_EQ(stats[Counter::hook_failures], 0u);
  }
  world.end();
  for (const auto& life : residents) Comparison(world.ledger, life->story()).run();
  for (const auto& life : visitors) Comparison(world.ledger, life->story()).run();
}

INSTANTIATE_TEST_SUITE_P(Seed, EncryptionInAnyOrder, testing::Range(0u, 24u));

}  // namespace
}  // namespace wscast
