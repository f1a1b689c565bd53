// Many ways in which publishes, cuts, trims and lost histories may follow each other, by seeds, at
// a server without a network: the client hears all that others publish, in order and once, or is
// told of a gap where it is (tests/client/history_model.test.mjs has the same of the package).

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/json_fields.h"

#include "client/client_session.h"
#include "client/server_message.h"
#include "unit/client/client_world.h"

namespace wscast::client {
namespace {

using namespace std::chrono_literals;

struct Published {
  std::uint64_t offset;
  std::string epoch;
  int data;
  std::string from;  ///< The client that does not get it itself.
};

struct ModelRoom {
  std::string name;
  int epoch = 1;
  std::uint64_t last = 0;
  std::vector<Published> kept{};
  std::vector<Published> all{};
  std::optional<std::size_t> start{};  ///< In `all`: where the client came into it first.
  bool joined = false;
  std::map<std::string, Position> keys{};

  std::string epoch_text() const { return "e" + std::to_string(epoch); }

  Published append(int data, std::string from) {
    Published entry{++last, epoch_text(), data, std::move(from)};
    kept.push_back(entry);
    all.push_back(entry);
    return entry;
  }
};

std::string json(std::uint64_t offset, const std::string& epoch, const std::string& more = "") {
  return R"({"offset":)" + std::to_string(offset) + R"(,"epoch":")" + epoch + '"' + more + '}';
}

/// What the client heard of a room: a message, or a gap.
struct Told {
  int data = 0;
  std::optional<ClientGap> gap{};
};

struct Outcome {
  int data;
  std::optional<ClientError> error{};
};

class Model final : public ClientTransport {
 public:
  Model(std::uint32_t seed, bool losses) : losses_(losses), engine_(seed), random_(seed) {
    for (const char* name : {"a", "b"}) rooms_.push_back({.name = name});
    options_.outbox = 5;
    options_.reply_timeout = 0ms;
    options_.on_message = [this](const ReceivedMessage& message) {
      told_[std::string(message.room)].push_back({std::stoi(std::string(message.data.view()))});
    };
    options_.on_gap = [this](const ClientGap& gap) {
      told_[gap.room].push_back({0, gap});
      ++counts_[gap.reason];
    };
    session_ = std::make_unique<ClientSession>(options_, *this, random_);
    for (auto& room : rooms_) {
      session_->join(room.name, [&room](const ClientError&) { room.joined = true; });
    }
    tick(0ms);
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
    for (int i = 0; i < 2; ++i) settle();
    check();
  }

  const std::map<std::string, int>& counts() const { return counts_; }

 private:
  int random(int below) { return static_cast<int>(engine_() % static_cast<unsigned>(below)); }

  // The connection.

  enum class Link : std::uint8_t { none, connecting, open };

  void connect() override {
    link_ = Link::connecting;
    inbox_.clear();
    wire_.clear();
    members_.clear();
    ++counts_["connection"];
  }
  void send(std::string_view text) override { inbox_.emplace_back(text); }
  void ping() override {}
  void close(std::uint16_t) override { link_ = Link::none; }
  void abort() override { link_ = Link::none; }

  void tick(std::chrono::milliseconds time) {
    const SteadyTime end = now_ + time;
    while (session_->due() <= end) {
      now_ = std::max(now_, session_->due());
      session_->on_time(now_);
    }
    now_ = end;
  }

  void open() {
    if (link_ != Link::connecting) return;
    link_ = Link::open;
    session_->on_open();
  }

  void cut() {
    if (link_ == Link::none) return;
    link_ = Link::none;
    session_->on_end(now_, {.words = "cut"});
  }

  /// What the server says is on its way until receive().
  void tell(const std::string& text) { wire_.push_back(text); }

  bool receive() {
    if (link_ != Link::open || wire_.empty()) return false;
    const std::string text = wire_.front();
    wire_.pop_front();
    session_->on_text(now_, text);
    return true;
  }

  void step() {
    switch (random(12)) {
      case 9:
      case 10:
      case 11:
        for (int count = random(4); count > 0; --count) receive();
        return;
      case 0:
      case 1:
        return publish_other();
      case 2:
        return publish_mine();
      case 3:
      case 4:
        return handle(), void();
      case 5:
        return open();
      case 6:
        return tick(std::chrono::milliseconds(random(2000)));
      case 7:
        if (random(3) == 0) cut();
        return;
      default:
        if (losses_ && random(4) == 0) lose();
    }
  }

  void settle() {
    while (link_ == Link::none) tick(1s);
    open();
    while (handle() || receive()) {
    }
  }

  // The server.

  ModelRoom& room_of(const std::string& name) { return name == "a" ? rooms_[0] : rooms_[1]; }
  ModelRoom& any_room() { return rooms_[static_cast<std::size_t>(random(2))]; }

  bool handle() {
    if (link_ != Link::open || inbox_.empty()) return false;
    const std::string text = inbox_.front();
    inbox_.pop_front();
    const auto message = parse_server_message(text);
    if (message->event == "authenticate") {
      id_ = "client-" + std::to_string(counts_["connection"]);
      tell(R"({"event":"connected","data":{"id":")" + id_ + R"(","positions":{}},"id":1})");
      const Json join = object_member(object_member(Json::text(text), "ext"), "join");
      if (join.present()) on_join(object_member(join, "data"));
    } else if (message->event == "join") {
      on_join(message->data);
    } else if (message->event == "publish") {
      on_publish(*message);
    }
    return true;
  }

  std::string reason_of(const ModelRoom& room, const std::optional<Position>& seen) {
    if (losses_ && random(6) == 0) return random(2) == 0 ? "unavailable" : "null";
    if (!seen) return "";
    if (seen->epoch != room.epoch_text()) return "epoch";
    if (room.last <= seen->offset) return "";
    return room.kept.empty() || room.kept.front().offset > seen->offset + 1 ? "window" : "";
  }

  void on_join(Json data) {
    const Json recover = object_member(data, "recover");
    const std::string ids{recover.present() ? JsonFields::of(recover)->raw("ids").view() : ""};
    const Json seen_rooms = object_member(recover, "rooms");
    const std::string names{JsonFields::of(data)->raw("rooms").view()};
    std::string results;
    std::string positions;
    std::vector<std::pair<std::string, Published>> replayed;
    for (auto& room : rooms_) {
      if (names.find('"' + room.name + '"') == std::string::npos) continue;
      const Json entry = object_member(seen_rooms, room.name);
      std::optional<Position> seen;
      if (entry.present()) {
        seen = Position{*number_member(entry, "offset"), text_member(entry, "epoch")};
      }
      if (!room.joined) room.start = room.all.size();
      const std::string reason = reason_of(room, seen);
      const std::string separator = results.empty() ? "" : ",";
      results += separator + '"' + room.name + R"(":"joined")";
      positions += separator + '"' + room.name + "\":" + entry_of(room, seen, reason);
      members_.insert(room.name);
      if (!seen || !reason.empty()) continue;
      for (const auto& kept : room.kept) {
        const bool own = ids.find('"' + kept.from + '"') != std::string::npos;
        if (kept.offset > seen->offset && !own) replayed.emplace_back(room.name, kept);
      }
    }
    tell(R"({"event":"ack","data":{"ok":true,"rooms":{)" + results + R"(},"positions":{)" +
         positions + R"(}},"id":"join"})");
    for (const auto& [name, kept] : replayed) deliver(name, kept);
  }

  static std::string entry_of(const ModelRoom& room, const std::optional<Position>& seen,
                              const std::string& reason) {
    if (reason == "null") return "null";
    if (!seen) return json(room.last, room.epoch_text());
    if (reason.empty()) return json(seen->offset, seen->epoch, ",\"recovered\":true");
    return json(room.last, room.epoch_text(), R"(,"recovered":false,"reason":")" + reason + '"');
  }

  void on_publish(const ServerMessage& message) {
    const std::string id{*message.id};
    ModelRoom& room = room_of(text_member(message.data, "room"));
    if (!members_.contains(room.name)) {
      return tell(R"({"event":"ack","data":{"ok":false,"error":"not a member"},"id":)" + id + '}');
    }
    const std::string key = text_member(message.data, "key");
    const auto known = room.keys.find(key);
    const bool repeated = !key.empty() && known != room.keys.end();
    Position position;
    if (repeated) {
      position = known->second;
      ++counts_["repeated"];
    } else {
      const auto entry = room.append(static_cast<int>(*number_member(message.data, "data")), id_);
      position = {entry.offset, entry.epoch};
      if (!key.empty()) room.keys[key] = position;
    }
    tell(R"({"event":"ack","data":{"ok":true,"backplane":"ok","position":)" +
         json(position.offset, position.epoch) + "},\"id\":" + id + '}');
  }

  void deliver(const std::string& name, const Published& entry) {
    tell(R"({"event":"chat","data":)" + std::to_string(entry.data) + R"(,"room":")" + name +
         R"(","offset":)" + std::to_string(entry.offset) + '}');
  }

  void publish_other() {
    ModelRoom& room = any_room();
    const auto entry = room.append(++published_, "other");
    if (link_ == Link::open && members_.contains(room.name)) deliver(room.name, entry);
  }

  void publish_mine() {
    const int data = ++published_;
    auto& outcome = outcomes_.emplace_back(Outcome{data});
    session_->publish(now_, {any_room().name, "chat", std::to_string(data), false, "",
                             [&outcome](const auto& result) {
                               EXPECT_FALSE(outcome.error) << "a second result";
                               outcome.error = result.error;
                             }});
  }

  void lose() {
    ModelRoom& room = any_room();
    if (random(2) == 0) {
      const auto count = std::min<std::size_t>(
          room.kept.size(),
          1 + static_cast<std::size_t>(random(1 + static_cast<int>(room.kept.size()))));
      room.kept.erase(room.kept.begin(), room.kept.begin() + static_cast<std::ptrdiff_t>(count));
    } else if (random(3) == 0) {
      ++room.epoch;
      room.last = 0;
      room.kept.clear();
      if (link_ != Link::open || !members_.contains(room.name)) return;
      tell(R"({"event":"gap","data":{"room":")" + room.name +
           R"(","from":null,"to":null,"reason":"epoch","position":)" + json(0, room.epoch_text()) +
           R"(},"server":true})");
    }
  }

  // What must hold.

  void check() {
    std::set<int> mine;
    std::set<int> everything;
    for (const auto& outcome : outcomes_) mine.insert(outcome.data);
    for (const auto& room : rooms_) {
      check_complete(room, mine);
      int last = 0;
      for (const auto& entry : room.all) {
        everything.insert(entry.data);
        if (!mine.contains(entry.data)) continue;
        EXPECT_GT(entry.data, last) << "its own are published at most once, in order";
        last = entry.data;
      }
    }
    for (const auto& [data, error] : outcomes_) {
      ASSERT_TRUE(error) << data << " has no result";
      ++counts_[ClientWorld::text(*error)];
      if (error->code == Errc::lost) continue;
      EXPECT_EQ(everything.contains(data), !*error) << data << ' ' << error->message;
    }
  }

  /// Each message of others is heard, in order and once, or a gap is told between those around it
  /// that says so.
  void check_complete(const ModelRoom& room, const std::set<int>& mine) {
    std::size_t next = room.start.value_or(room.all.size());
    std::vector<ClientGap> gaps;
    auto told = told_[room.name];
    told.push_back({});
    for (std::size_t i = 0; i < told.size(); ++i) {
      if (told[i].gap) {
        gaps.push_back(*told[i].gap);
        continue;
      }
      std::size_t index = room.all.size();
      if (i + 1 < told.size()) {
        index = static_cast<std::size_t>(
            std::ranges::find(room.all, told[i].data, &Published::data) - room.all.begin());
        ASSERT_LT(index, room.all.size());
        ASSERT_FALSE(mine.contains(told[i].data)) << "its own message";
        ++counts_["message"];
      }
      ASSERT_GE(index, next) << room.name << ": twice, or out of order, or before it joined";
      for (std::size_t at = next; at < index; ++at) {
        if (mine.contains(room.all[at].data)) continue;
        const std::uint64_t offset = room.all[at].offset;
        // A history that began anew has other numbers.
        const bool covered = std::ranges::any_of(gaps, [offset](const ClientGap& gap) {
          return !gap.to || ((!gap.from || *gap.from <= offset) && offset <= *gap.to);
        });
        ASSERT_TRUE(covered) << room.name << ": " << room.all[at].data << " was missed in silence";
      }
      gaps.clear();
      next = index + 1;
    }
  }

  const bool losses_;
  std::minstd_rand engine_;
  DelayRandom random_;
  ClientOptions options_{.url = "ws://server/ws"};
  SteadyTime now_{1h};
  std::vector<ModelRoom> rooms_;
  std::map<std::string, std::vector<Told>> told_;
  std::deque<Outcome> outcomes_;
  std::map<std::string, int> counts_;
  int published_ = 0;

  Link link_ = Link::none;
  std::string id_;
  std::set<std::string> members_;
  std::deque<std::string> inbox_;
  std::deque<std::string> wire_;

  std::unique_ptr<ClientSession> session_;
};

std::map<std::string, int> run(bool losses) {
  constexpr std::uint32_t kSeeds = 500;
  constexpr int kSteps = 150;
  std::map<std::string, int> counts;
  for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Model model(seed, losses);
    model.run(kSteps);
    if (testing::Test::HasFailure()) break;
    for (const auto& [what, count] : model.counts()) counts[what] += count;
  }
  return counts;
}

TEST(ClientModel, H5H10NothingIsLostWhileTheHistoryHasIt) {
  auto counts = run(false);
  for (const char* what : {"message", "ok", "repeated"}) EXPECT_GT(counts[what], 20) << what;
  EXPECT_GT(counts["connection"], 1000);
  for (const char* what : {"epoch", "window", "unavailable"}) EXPECT_EQ(counts[what], 0) << what;
}

TEST(ClientModel, H5H6H10WhateverIsLostIsTold) {
  auto counts = run(true);
  for (const char* what : {"message", "ok", "repeated", "epoch", "window", "unavailable"}) {
    EXPECT_GT(counts[what], 20) << what;
  }
}

}  // namespace
}  // namespace wscast::client
