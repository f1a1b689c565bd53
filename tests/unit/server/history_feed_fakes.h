#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "server/history_feed.h"
#include "support/allocation_faults.h"

namespace wscast::server {

/// Runs what is the test's own: none of its allocations fails.
template <class Act>
void unharmed(Act act) {
  const test::AllocationFaults::Pause pause;
  act();
}

inline const std::string kRoom = "orders";

inline std::string envelope(std::uint64_t offset) {
  return R"({"serverId":"other","type":"room","target":"orders","event":"e","data":)" +
         std::to_string(offset) + "}";
}

/// What a broker has of one room. Requests are answered when the test says so.
class FakeHistory final : public History {
 public:
  void append(HistoryAppend, Appended) override { ADD_FAILURE() << "nothing is appended here"; }
  void read(HistoryRead read, Page done) override {
    ++reads;
    pending.emplace_back([this, read, done = std::move(done)] {
      HistoryPage answer;
      unharmed([&] { answer = page(read.after); });
      done(std::move(answer));
    });
  }
  void read_positions(std::vector<Room> rooms, Positions done) override {
    ++positions;
    pending.emplace_back([this, n = rooms.size(), done = std::move(done)] {
      std::vector<std::optional<Position>> answer;
      unharmed([&] {
        answer.assign(n, away ? std::nullopt : std::optional(Position{last, epoch}));
      });
      done(std::move(answer));
    });
  }

  HistoryPage page(std::uint64_t after) const {
    if (away) return {};
    HistoryPage page{.available = true, .epoch = epoch, .last = last};
    for (std::uint64_t at = std::max(after + 1, first);
         at <= last && page.entries.size() < max_entries; ++at) {
      page.entries.push_back({at, envelope(at)});
    }
    return page;
  }

  /// Adds a message. Returns its position.
  Position publish() { return {++last, epoch}; }
  void trim(std::uint64_t keep) { first = std::max(first, last - std::min(last, keep) + 1); }
  void begin_epoch(std::string name) {
    epoch = std::move(name);
    last = 0;
    first = 1;
  }

  bool answer_next() {
    if (pending.empty()) return false;
    const auto next = std::move(pending.front());
    pending.pop_front();
    next();
    return true;
  }
  void answer_all() {
    while (answer_next()) {
    }
  }

  std::string epoch = "a";
  std::uint64_t last = 0;
  std::uint64_t first = 1;  ///< That is kept.
  bool away = false;
  std::size_t max_entries = 1'000;  ///< Of a page.
  int reads = 0;
  int positions = 0;
  std::deque<std::function<void()>> pending;
};

inline std::string text_of(const Position& position) {
  return std::to_string(position.offset) + position.epoch;
}

/// Notes what is said, and has members as the test wants.
class FakeOutput : public HistoryFeed::Output {
 public:
  void deliver(const hub::SharedHistoryMessage& message) override {
    said.push_back(text_of(message->position()));
    if (on_deliver) on_deliver(*message);
  }
  void tell(const protocol::Gap& gap) override {
    const auto number = [](const auto& n) { return n ? std::to_string(*n) : "?"; };
    said.push_back("gap " + number(gap.from) + "-" + number(gap.to) + " " +
                   std::string(to_string(gap.reason)) + " at " + text_of(*gap.position));
    if (on_tell) on_tell(*gap.position);
  }
  void answer(std::size_t, const ClientId& client, session::HistoryAnswer answer) override {
    std::string text = "answer";
    for (const auto& room : answer.rooms) {
      text += " " + (room.position ? text_of(*room.position) : "?");
      if (room.lost) text += " " + std::string(to_string(*room.lost));
      for (const auto& message : room.missed) text += " +" + text_of(message->position());
    }
    said.push_back(text);
    if (on_answer) on_answer(client, answer);
  }
  bool has_members(const std::string&) override { return members; }

  std::vector<std::string> take() { return std::exchange(said, {}); }

  bool members = true;
  std::vector<std::string> said;
  std::function<void(const hub::HistoryMessage&)> on_deliver;
  std::function<void(const Position&)> on_tell;
  std::function<void(const ClientId&, const session::HistoryAnswer&)> on_answer;
};

}  // namespace wscast::server
