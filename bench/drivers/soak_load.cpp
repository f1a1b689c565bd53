#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "ledger_message.h"
#include "load.h"
#include "message_ledger.h"
#include "report.h"
#include "room_clients.h"

namespace wscast::bench {
namespace {

using std::chrono::milliseconds;
using Clock = RoomClients::Clock;

constexpr std::size_t kServers = 2;
constexpr std::size_t kRooms = 20;
constexpr milliseconds kTurn{2};
constexpr milliseconds kSettling{8'000};

std::string room_name(std::size_t room) {
  return "soak-" + std::to_string(room);
}

/// The publishers of one server, one a room: client `n` publishes to room `n`.
class Publishers final : public RoomClients::Sink {
 public:
  Publishers(const client::Url& url, std::size_t server, MessageLedger& ledger, std::size_t size)
      : server_(server),
        ledger_(ledger),
        filling_(size, 'x'),
        joined_(kRooms),
        clients_({.url = url, .count = kRooms}, room_name, *this) {}

  void turn(Clock::time_point now) { clients_.turn(now); }
  bool ready() const { return clients_.joined() == kRooms; }

  void publish(std::size_t room) {
    if (!joined_[room]) return;
    clients_.send_text(
        room, publish_text(room_name(room), server_, ledger_.publish(room, server_), filling_));
  }

 private:
  void on_joined(std::size_t room) override { joined_[room] = true; }
  void on_left(std::size_t room) override { joined_[room] = false; }

  /// Anything but an `ack` does not matter here.
  void on_message(std::size_t room, std::string_view message) override {
    if (const auto ack = read_ack(message)) {
      ledger_.on_result(room, server_, ack->number, ack->result);
    }
  }

  const std::size_t server_;
  MessageLedger& ledger_;
  const std::string filling_;
  std::vector<bool> joined_;
  RoomClients clients_;
};

/// The receivers of all kinds, on both servers.
class Receivers final : public RoomClients::Sink {
 public:
  Receivers(const Arguments& arguments, MessageLedger& ledger) : ledger_(ledger) {
    for (std::size_t server = 0; server < kServers; ++server) {
      const client::Url& plain = arguments.urls.at(server);
      const client::Url& tls = arguments.urls.at(kServers + server);
      const std::size_t share = arguments.clients / kServers / 10;
      add(server, {.url = plain, .count = 4 * share, .churn = true});
      add(server, {.url = plain, .count = share, .slow = true});
      add(server, {.url = plain, .count = share, .encrypted = true, .churn = true});
      add(server, {.url = plain, .count = 2 * share, .compressed = true, .churn = true});
      add(server, {.url = tls, .count = share, .churn = true});
      add(server, {.url = tls, .count = share, .compressed = true, .slow = true});
    }
  }

  void turn(Clock::time_point now) {
    for (const auto& group : groups_) group->turn(now);
  }

  void begin() {
    for (const auto& group : groups_) group->begin();
  }

  void settle() {
    for (const auto& group : groups_) group->settle();
  }

  bool ready() const {
    for (const auto& group : groups_) {
      if (group->joined() < group->count()) return false;
    }
    return true;
  }

  std::uint64_t notices() const { return notices_; }
  std::uint64_t disconnects() const { return disconnects_; }

 private:
  void add(std::size_t server, RoomClients::Options options) {
    options.first = servers_.size();
    servers_.insert(servers_.end(), options.count, server);
    groups_.push_back(std::make_unique<RoomClients>(
        std::move(options), [](std::size_t client) { return room_name(client % kRooms); }, *this));
  }

  void on_joined(std::size_t client) override {
    ledger_.enter(client, client % kRooms, servers_[client]);
  }

  void on_left(std::size_t client) override {
    ++disconnects_;
    ledger_.leave(client);
  }

  void on_message(std::size_t client, std::string_view message) override {
    if (note(ledger_, client, message) == Noted::notice) ++notices_;
  }

  MessageLedger& ledger_;
  std::vector<std::size_t> servers_;  ///< By client.
  std::vector<std::unique_ptr<RoomClients>> groups_;
  std::uint64_t notices_ = 0;
  std::uint64_t disconnects_ = 0;
};

class SoakLoad {
 public:
  explicit SoakLoad(const Arguments& arguments)
      : arguments_(arguments),
        ledger_(kRooms, kServers, arguments.clients),
        receivers_(arguments, ledger_) {
    for (std::size_t server = 0; server < kServers; ++server) {
      publishers_.push_back(
          std::make_unique<Publishers>(arguments.urls.at(server), server, ledger_, arguments.size));
    }
  }

  /// Prints `ready` when everybody is there, `settled` before everybody leaves, then the totals.
  void run() {
    await_ready();
    print_line("ready");
    receivers_.begin();
    publish_for(arguments_.measured);
    receivers_.settle();
    turn_for(kSettling);
    print_line("settled");
    report();
  }

 private:
  void await_ready() {
    const auto end = Clock::now() + kPatience;
    while (!receivers_.ready() || !publishers_[0]->ready() || !publishers_[1]->ready()) {
      if (Clock::now() > end) throw LoadFailure("not everybody came in");
      turn();
    }
  }

  /// Each publisher has its own moment of the period.
  void publish_for(milliseconds time) {
    const auto pause = std::chrono::microseconds(1'000'000) / (arguments_.rate * kRooms * kServers);
    const auto begin = Clock::now();
    auto next = begin;
    for (std::size_t turn_of = 0; Clock::now() < begin + time; ++turn_of) {
      while (Clock::now() < next) turn();
      publishers_[turn_of % kServers]->publish(turn_of / kServers % kRooms);
      next += pause;
    }
  }

  void turn_for(milliseconds time) {
    for (const auto end = Clock::now() + time; Clock::now() < end;) turn();
  }

  void turn() {
    const auto now = Clock::now();
    for (const auto& publishers : publishers_) publishers->turn(now);
    receivers_.turn(now);
    std::this_thread::sleep_until(now + kTurn);
  }

  void report() {
    const auto totals = ledger_.settle();
    print_report({{"published", totals.published},
                  {"delivered", totals.delivered},
                  {"told_by_result", totals.told_by_result},
                  {"told_by_notice", totals.told_by_count + totals.told_by_gap},
                  {"notices", receivers_.notices()},
                  {"disconnects", receivers_.disconnects()},
                  {"out_of_order", totals.out_of_order},
                  {"lost", totals.lost}});
  }

  const Arguments& arguments_;
  MessageLedger ledger_;
  Receivers receivers_;
  std::vector<std::unique_ptr<Publishers>> publishers_;
};

}  // namespace

void run_soak(const Arguments& arguments) {
  SoakLoad(arguments).run();
}

}  // namespace wscast::bench
