#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api_publisher.h"
#include "bench/watchdog.h"
#include "ledger_message.h"
#include "load.h"
#include "message_ledger.h"
#include "report.h"
#include "room_clients.h"

namespace wscast::bench {
namespace {

using std::chrono::milliseconds;
using Clock = RoomClients::Clock;

constexpr std::size_t kServers = 3;
constexpr std::size_t kDrained = 1;
constexpr std::size_t kRefuge = 2;
constexpr std::size_t kMembers = 20;  ///< Of a room.
constexpr std::size_t kWays = 8;      ///< Connections that the publisher of a room may come to use.
constexpr milliseconds kTurn{2};
constexpr milliseconds kQuiet{3'000};  ///< So long nothing comes any more.
constexpr milliseconds kLongestSettling{30'000};

std::string room_name(std::size_t room) {
  return "room-" + std::to_string(room);
}

/// What publishers were told.
struct Answers {
  std::uint64_t published = 0;
  std::uint64_t ok = 0;
  std::uint64_t down = 0;
  std::uint64_t unknown = 0;
  std::uint64_t refused = 0;

  void count(MessageLedger::Result result, std::string_view words) {
    if (result == MessageLedger::Result::all_servers) return void(++ok);
    if (words.find(R"("backplane":"down")") != words.npos) return void(++down);
    ++(words.find(R"("backplane":"unknown")") != words.npos ? unknown : refused);
  }
};

/// All clients: one half on each of the first two servers, one half of each room too. One member of
/// each room publishes; each connection of its own is a publisher of the ledger's, behind those of
/// the API.
class Members final : public RoomClients::Sink {
 public:
  Members(const Arguments& arguments, MessageLedger& ledger)
      : rooms_(arguments.clients / kMembers),
        half_(arguments.clients / 2),
        ledger_(ledger),
        filling_(arguments.size, 'x'),
        ways_(rooms_) {
    for (std::size_t server = 0; server < groups_.size(); ++server) {
      RoomClients::Options options{
          .url = arguments.urls.at(server), .first = server * half_, .count = half_};
      if (server == kDrained) options.refuge = arguments.urls.at(kRefuge);
      groups_[server] = std::make_unique<RoomClients>(
          std::move(options), [this](std::size_t client) { return room_name(client % rooms_); },
          *this);
    }
  }

  void turn(Clock::time_point now) {
    for (const auto& group : groups_) group->turn(now);
  }

  /// False: the publisher of the room is not connected now.
  bool publish(std::size_t room) {
    Way& way = ways_[room];
    if (!way.joined) return false;
    const std::size_t client = publisher_in(room);
    group_of(client).send_text(
        client, publish_text(room_name(room), way.publisher, ledger_.publish(room, way.publisher),
                             filling_));
    ++answers_.published;
    return true;
  }

  std::size_t rooms() const { return rooms_; }
  std::size_t joined() const { return groups_[0]->joined() + groups_[1]->joined(); }
  std::uint64_t received() const { return received_; }
  std::uint64_t notices() const { return notices_; }
  std::uint64_t disconnects() const { return disconnects_; }
  const Answers& answers() const { return answers_; }

  /// How many are on the server that took the place of the drained one.
  std::size_t moved() const {
    std::size_t count = 0;
    for (std::size_t i = half_; i < 2 * half_; ++i) count += groups_[kDrained]->has_moved(i);
    return count;
  }

 private:
  /// How the publisher of a room is connected.
  struct Way {
    std::size_t publisher = kServers - 1;  ///< Number for the ledger; one more each time.
    bool joined = false;
  };

  RoomClients& group_of(std::size_t client) { return *groups_[client / half_]; }

  /// Of one half of the rooms it is on the server that drains.
  std::size_t publisher_in(std::size_t room) const { return room % 2 == 0 ? room : half_ + room; }

  std::size_t server_of(std::size_t client) {
    if (client < half_) return 0;
    return group_of(client).has_moved(client) ? kRefuge : kDrained;
  }

  void on_joined(std::size_t client) override {
    const std::size_t room = client % rooms_;
    ledger_.enter(client, room, server_of(client));
    if (client != publisher_in(room)) return;
    Way& way = ways_[room];
    if (++way.publisher == kServers + kWays) throw LoadFailure("a client reconnected too often");
    ledger_.place(room, way.publisher, server_of(client));
    way.joined = true;
  }

  void on_left(std::size_t client) override {
    ++disconnects_;
    ledger_.leave(client);
    if (client == publisher_in(client % rooms_)) ways_[client % rooms_].joined = false;
  }

  void on_message(std::size_t client, std::string_view message) override {
    const Noted noted = note(ledger_, client, message);
    received_ += noted == Noted::message;
    notices_ += noted == Noted::notice;
    if (noted != Noted::other) return;
    const auto ack = read_ack(message);
    if (!ack) return;
    answers_.count(ack->result, message);
    const std::size_t room = client % rooms_;
    ledger_.on_result(room, ways_[room].publisher, ack->number, ack->result);
  }

  const std::size_t rooms_;
  const std::size_t half_;  ///< Clients of each server.
  MessageLedger& ledger_;
  const std::string filling_;
  std::array<std::unique_ptr<RoomClients>, 2> groups_;
  std::vector<Way> ways_;  ///< By room.
  std::uint64_t received_ = 0;
  std::uint64_t notices_ = 0;
  std::uint64_t disconnects_ = 0;
  Answers answers_;
};

/// The backends: one a server. That of the drained server goes on with the other when it is cut
/// off.
class Backends {
 public:
  Backends(const Arguments& arguments, MessageLedger& ledger)
      : arguments_(arguments), ledger_(ledger), filling_(arguments.size, 'x') {
    for (const std::size_t server : {std::size_t{0}, kDrained}) connect(server);
  }

  void turn() {
    for (const auto& api : apis_) {
      if (api) api->turn();
    }
  }

  void publish(std::size_t room) {
    std::size_t server = turn_of_++ % 2;
    if (server == kDrained && !apis_[server]->open()) server = kRefuge;
    if (!apis_[server]) connect(server);
    if (!apis_[server]->open()) throw LoadFailure("an API ended the connection");
    const std::uint64_t number = ledger_.publish(room, server);
    apis_[server]->publish(
        R"({"room":")" + room_name(room) + R"(",)" + ledger_members(server, number, filling_) + "}",
        sent_.size());
    sent_.push_back({room, number});
    ++answers_.published;
  }

  const Answers& answers() const { return answers_; }

 private:
  struct Message {
    std::size_t room;
    std::uint64_t number;
  };

  void connect(std::size_t server) {
    apis_[server] = std::make_unique<ApiPublisher>(
        arguments_.apis.at(server), arguments_.key,
        [this, server](std::size_t tag, int status, std::string_view body) {
          on_response(server, tag, status, body);
        });
  }

  void on_response(std::size_t server, std::size_t tag, int status, std::string_view body) {
    using Result = MessageLedger::Result;
    const bool here = status == 503 && body.find(R"("backplane":)") != body.npos;
    const Result result = status == 200 ? Result::all_servers
                          : here        ? Result::this_server
                                        : Result::refused;
    answers_.count(result, body);
    ledger_.on_result(sent_[tag].room, server, sent_[tag].number, result);
  }

  const Arguments& arguments_;
  MessageLedger& ledger_;
  const std::string filling_;
  std::array<std::unique_ptr<ApiPublisher>, kServers> apis_;
  std::vector<Message> sent_;  ///< By tag.
  std::size_t turn_of_ = 0;
  Answers answers_;
};

class ClusterLoad {
 public:
  explicit ClusterLoad(const Arguments& arguments)
      : arguments_(arguments),
        ledger_(arguments.clients / kMembers, kServers + kWays, arguments.clients),
        members_(arguments, ledger_),
        backends_(arguments, ledger_) {}

  /// Prints `ready` when everybody is there, `settled` when nothing comes any more, then the
  /// totals.
  void run() {
    program::Watchdog watchdog;
    while (members_.joined() < arguments_.clients) {
      watchdog.look(members_.joined(), Clock::now());
      turn();
    }
    print_line("ready");
    publish();
    settle();
    print_line("settled");
    report();
  }

 private:
  /// By turns a client and a backend, room after room.
  void publish() {
    const auto pause = std::chrono::nanoseconds(1'000'000'000) / arguments_.rate;
    const auto begin = Clock::now();
    auto next = begin;
    for (std::size_t i = 0; Clock::now() < begin + arguments_.measured; ++i, next += pause) {
      while (Clock::now() < next) turn();
      const std::size_t room = i / 2 % members_.rooms();
      if (i % 2 == 0 || !members_.publish(room)) backends_.publish(room);
    }
  }

  void settle() {
    const auto end = Clock::now() + kLongestSettling;
    auto last = Clock::now();
    for (std::uint64_t received = 0; Clock::now() < std::min(end, last + kQuiet); turn()) {
      const bool all = members_.joined() == arguments_.clients;
      if (all && received == members_.received()) continue;
      received = members_.received();
      last = Clock::now();
    }
  }

  void turn() {
    const auto now = Clock::now();
    members_.turn(now);
    backends_.turn();
    std::this_thread::sleep_until(now + kTurn);
  }

  void report() {
    const auto totals = ledger_.settle();
    const Answers& clients = members_.answers();
    const Answers& backends = backends_.answers();
    const std::uint64_t answered = clients.ok + clients.down + clients.unknown + clients.refused +
                                   backends.ok + backends.down + backends.unknown +
                                   backends.refused;
    print_report({{"published", totals.published},
                  {"by_api", backends.published},
                  {"delivered", totals.delivered},
                  {"ok", clients.ok + backends.ok},
                  {"down", clients.down + backends.down},
                  {"unknown", clients.unknown + backends.unknown},
                  {"refused", clients.refused + backends.refused},
                  {"unanswered", totals.published - answered},
                  {"told_by_result", totals.told_by_result},
                  {"told_by_count", totals.told_by_count},
                  {"told_by_gap", totals.told_by_gap},
                  {"notices", members_.notices()},
                  {"disconnects", members_.disconnects()},
                  {"moved", members_.moved()},
                  {"joined", members_.joined()},
                  {"out_of_order", totals.out_of_order},
                  {"lost", totals.lost}});
  }

  const Arguments& arguments_;
  MessageLedger ledger_;
  Members members_;
  Backends backends_;
};

}  // namespace

void run_cluster(const Arguments& arguments) {
  ClusterLoad(arguments).run();
}

}  // namespace wscast::bench
