#include "message_ledger.h"

#include <algorithm>
#include <utility>

namespace wscast::bench {

MessageLedger::MessageLedger(std::size_t rooms, std::size_t publishers, std::size_t receivers)
    : publishers_per_room_(publishers), current_(receivers) {
  for (std::size_t i = 0; i < rooms * publishers; ++i) {
    publishers_.push_back({.server = i % publishers});
  }
}

void MessageLedger::place(std::size_t room, std::size_t publisher, std::size_t server) {
  publisher_of(room, publisher).server = server;
}

std::uint64_t MessageLedger::publish(std::size_t room, std::size_t publisher) {
  ++totals_.published;
  auto& sent = results(room, publisher);
  sent.push_back(Result::none);
  return sent.size();
}

void MessageLedger::on_result(std::size_t room, std::size_t publisher, std::uint64_t number,
                              Result result) {
  auto& sent = results(room, publisher);
  if (number > 0 && number <= sent.size()) sent[number - 1] = result;
}

void MessageLedger::enter(std::size_t receiver, std::size_t room, std::size_t server) {
  Membership& membership = current_[receiver];
  membership = {
      .member = true, .room = room, .server = server, .cursors = {}, .holes = {}, .noticed = 0};
  for (std::size_t i = 0; i < publishers_per_room_; ++i) {
    const std::uint64_t next = results(room, i).size() + 1;
    membership.cursors.push_back({.from = next, .next = next});
  }
}

void MessageLedger::receive(std::size_t receiver, std::size_t publisher, std::uint64_t number) {
  Membership& membership = current_[receiver];
  if (!membership.member) return;
  ++totals_.delivered;
  Cursor& cursor = membership.cursors[publisher];
  if (number < cursor.from) return;  // Published before it entered, and it came all the same.
  if (number < cursor.next) {
    ++totals_.out_of_order;
    return;
  }
  find_hole(membership, publisher, number);
  cursor.next = number + 1;
}

/// Up to `end`, exclusive.
void MessageLedger::find_hole(Membership& membership, std::size_t publisher, std::uint64_t end) {
  const std::uint64_t next = membership.cursors[publisher].next;
  if (next < end) membership.holes.push_back({publisher, next, end - 1});
}

void MessageLedger::notice(std::size_t receiver, std::optional<std::uint64_t> count) {
  Membership& membership = current_[receiver];
  if (!membership.member) return;
  if (count) {
    membership.noticed += *count;
    return;
  }
  for (std::size_t i = 0; i < publishers_per_room_; ++i) {
    membership.cursors[i].noticed_until = results(membership.room, i).size();
  }
}

void MessageLedger::leave(std::size_t receiver) {
  Membership& membership = current_[receiver];
  if (membership.member && !membership.holes.empty()) past_.push_back(std::move(membership));
  membership = {};
}

MessageLedger::Totals MessageLedger::settle() {
  for (Membership& membership : current_) {
    if (!membership.member) continue;
    for (std::size_t i = 0; i < publishers_per_room_; ++i) {
      find_hole(membership, i, results(membership.room, i).size() + 1);
    }
    settle(membership);
  }
  for (const Membership& membership : std::exchange(past_, {})) settle(membership);
  current_.assign(current_.size(), {});
  return totals_;
}

void MessageLedger::settle(const Membership& membership) {
  std::uint64_t noticed = membership.noticed;
  for (const Hole& hole : membership.holes) {
    const auto& publisher = publisher_of(membership.room, hole.publisher);
    const bool elsewhere = publisher.server != membership.server;
    const std::uint64_t noticed_until = membership.cursors[hole.publisher].noticed_until;
    for (std::uint64_t number = hole.first; number <= hole.last; ++number) {
      const Result result = publisher.results[number - 1];
      if (result < Result::this_server || (result == Result::this_server && elsewhere)) {
        ++totals_.told_by_result;
      } else if (number <= noticed_until) {
        ++totals_.told_by_gap;
      } else if (noticed > 0) {
        --noticed;
        ++totals_.told_by_count;
      } else {
        ++totals_.lost;
      }
    }
  }
}

}  // namespace wscast::bench
