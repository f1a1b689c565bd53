#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace wscast::bench {

/// Accounts for every message to some rooms: who was to receive it, who did, and how whoever did
/// not was told. Each room has publishers, whose messages are numbered from 1; a receiver gets
/// those of its room, in order of each publisher, as long as it is a member.
class MessageLedger {
 public:
  /// What a publisher was told about a message.
  enum class Result : std::uint8_t {
    none,         ///< Nothing: its connection ended first.
    refused,      ///< It was sent to nobody.
    this_server,  ///< It was sent on this server; the others were not reached, or perhaps not.
    all_servers,
  };

  struct Totals {
    std::uint64_t published = 0;
    std::uint64_t delivered = 0;
    std::uint64_t told_by_result = 0;  ///< The publisher was told.
    std::uint64_t told_by_count = 0;   ///< The receiver was sent `dropped` with a count.
    std::uint64_t told_by_gap = 0;     ///< The receiver was sent `dropped` without one.
    std::uint64_t lost = 0;            ///< Without a word.
    std::uint64_t out_of_order = 0;    ///< Received twice, or behind a later one.
  };

  /// `publishers`: of each room. The first is on server 0, the next on server 1, and so on.
  MessageLedger(std::size_t rooms, std::size_t publishers, std::size_t receivers);

  /// The publisher, which has not published yet, is on `server`.
  void place(std::size_t room, std::size_t publisher, std::size_t server);

  /// Returns the number of the message that the publisher sends next.
  std::uint64_t publish(std::size_t room, std::size_t publisher);
  void on_result(std::size_t room, std::size_t publisher, std::uint64_t number, Result result);

  /// The receiver is a member of `room` from now on, connected to `server`.
  void enter(std::size_t receiver, std::size_t room, std::size_t server);
  void receive(std::size_t receiver, std::size_t publisher, std::uint64_t number);

  /// The receiver was sent `dropped`. Without a count it does not know what is missing of what was
  /// published so far.
  void notice(std::size_t receiver, std::optional<std::uint64_t> count);

  /// The receiver's connection ended: what was under way to it does not count.
  void leave(std::size_t receiver);

  /// Everything that was under way has arrived: what is missing from members now is missing.
  Totals settle();

 private:
  struct Hole {
    std::size_t publisher;
    std::uint64_t first;
    std::uint64_t last;
  };

  /// What a receiver knows of one publisher.
  struct Cursor {
    std::uint64_t from;               ///< The first message published after it entered.
    std::uint64_t next;               ///< Expected.
    std::uint64_t noticed_until = 0;  ///< May be missing up to here.
  };

  struct Membership {
    bool member = false;
    std::size_t room = 0;
    std::size_t server = 0;
    std::vector<Cursor> cursors;  ///< By publisher.
    std::vector<Hole> holes;
    std::uint64_t noticed = 0;  ///< Messages.
  };

  struct Publisher {
    std::size_t server;
    std::vector<Result> results{};  ///< By number.
  };

  Publisher& publisher_of(std::size_t room, std::size_t publisher) {
    return publishers_[room * publishers_per_room_ + publisher];
  }
  std::vector<Result>& results(std::size_t room, std::size_t publisher) {
    return publisher_of(room, publisher).results;
  }
  void find_hole(Membership& membership, std::size_t publisher, std::uint64_t end);
  void settle(const Membership& membership);

  std::size_t publishers_per_room_;
  std::vector<Publisher> publishers_;  ///< By room, then by publisher.
  std::vector<Membership> current_;
  std::vector<Membership> past_;  ///< Those with holes.
  Totals totals_;
};

}  // namespace wscast::bench
