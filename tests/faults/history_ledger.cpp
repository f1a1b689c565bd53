#include "faults/history_ledger.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "support/allocation_faults.h"

namespace wscast::faults {

using test::AllocationFaults;

void HistoryLedger::append(History& history, const std::string& key) {
  const Shared call = add();
  call->envelope = R"({"data":"message )" + std::to_string(calls_.size()) + R"( of a long text"})";
  call->key = key;
  HistoryAppend append{.room = room_, .envelope = call->envelope, .key = key};
  History::Appended done = [call](const HistoryAppended& appended) {
    const AllocationFaults::Pause pause;
    ++call->answers;
    call->appended = appended;
  };
  guard_([&] {
    history.append(std::move(append), std::move(done));
    call->accepted = true;
  });
}

void HistoryLedger::read(History& history) {
  const Shared call = add();
  HistoryRead read{.room = room_};
  History::Page done = [this, call](HistoryPage page) {
    ++call->answers;
    page_.reset();
    if (page.available) page_ = std::move(page);
  };
  guard_([&] {
    history.read(std::move(read), std::move(done));
    call->accepted = true;
  });
}

void HistoryLedger::read_positions(History& history) {
  const Shared call = add();
  std::vector<History::Room> rooms{{room_}, {"another room, with a name that is as long"}};
  History::Positions done = [call](const std::vector<std::optional<Position>>& positions) {
    ++call->answers;
    EXPECT_EQ(positions.size(), 2u);
  };
  guard_([&] {
    history.read_positions(std::move(rooms), std::move(done));
    call->accepted = true;
  });
}

std::size_t HistoryLedger::owed() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      calls_, [](const Shared& call) { return call->accepted && call->answers == 0; }));
}

std::size_t HistoryLedger::appended() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      calls_, [](const Shared& call) { return call->accepted && !call->envelope.empty(); }));
}

void HistoryLedger::expect_true(const HistoryPage& page) const {
  for (std::size_t i = 1; i < page.entries.size(); ++i)
    EXPECT_EQ(page.entries[i].offset, page.entries[i - 1].offset + 1);
  for (const Shared& call : calls_) {
    if (call->envelope.empty()) continue;
    expect_kept(page, *call);
    if (!call->key.empty()) expect_one_of_key(*call);
  }
}

void HistoryLedger::expect_answered_once() const {
  for (const Shared& call : calls_) EXPECT_EQ(call->answers, call->accepted ? 1 : 0);
}

HistoryLedger::Shared HistoryLedger::add() {
  return calls_.emplace_back(std::make_shared<Call>());
}

void HistoryLedger::expect_kept(const HistoryPage& page, const Call& call) const {
  std::vector<std::uint64_t> offsets;
  for (const HistoryEntry& entry : page.entries)
    if (entry.envelope == call.envelope) offsets.push_back(entry.offset);
  EXPECT_LE(offsets.size(), 1u) << call.envelope << " is kept twice";
  const Backplane said = call.appended.backplane;
  const bool refused = !call.accepted || said == Backplane::down;
  EXPECT_TRUE(offsets.empty() || !(refused || call.appended.repeated)) << call.envelope;
  if (said != Backplane::ok || call.appended.repeated) return;
  EXPECT_EQ(call.appended.position.epoch, page.epoch);
  EXPECT_EQ(offsets, std::vector{call.appended.position.offset}) << call.envelope;
}

/// All of a key that are known to be there are at one position, and one of them at most is no
/// repeat.
void HistoryLedger::expect_one_of_key(const Call& call) const {
  for (const Shared& other : calls_) {
    if (other->key != call.key || other.get() == &call) continue;
    if (call.appended.backplane != Backplane::ok || other->appended.backplane != Backplane::ok)
      continue;
    EXPECT_EQ(call.appended.position, other->appended.position);
    EXPECT_TRUE(call.appended.repeated || other->appended.repeated);
  }
}

}  // namespace wscast::faults
