#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "broker/history.h"

namespace wscast {

/// The history of rooms of one server, in its memory: it ends with the process. Each call also
/// frees a bounded number of expired messages and forgotten rooms of other calls. Loop thread only.
class MemoryHistory final : public History {
 public:
  struct Host {
    /// Runs it from the loop, in order.
    std::function<void(std::function<void()>)> later;
    std::function<void(std::string_view envelope)> deliver;
  };
  MemoryHistory(Host host, Random& random, const Clock& clock);

  void append(HistoryAppend append, Appended done) override;
  void read(HistoryRead read, Page done) override;
  void read_positions(std::vector<Room> rooms, Positions done) override;

  /// Keeps and delivers nothing any more: what is appended is `down`, what is read unavailable.
  void stop() { stopped_ = true; }

  std::size_t rooms() const { return order_.size(); }  ///< Whose position it keeps.

 private:
  struct Kept {
    SteadyTime at;
    std::string envelope;
  };

  /// Its text is what `keys` of the room refers to.
  struct Key {
    std::string text;
    std::uint64_t offset;
    SteadyTime at;
  };

  struct Log {
    std::string name;
    std::string epoch;
    HistoryLimits limits;
    SteadyTime used_at;
    std::uint64_t last = 0;
    std::deque<Kept> entries{};  ///< The newest is that of `last`.
    std::deque<Key> keys{};      ///< Oldest first.
    std::unordered_map<std::string_view, std::uint64_t> offsets{};  ///< By key.
  };

  HistoryAppended keep(HistoryAppend append);
  static void remember(Log& log, Key key);
  HistoryPage page(const HistoryRead& read);
  std::vector<std::optional<Position>> positions(const std::vector<Room>& rooms);

  Log* use(const std::string& room, const HistoryLimits& limits);
  Log* create(const std::string& room);
  void sweep();
  void trim(Log& log) const;
  bool forgotten(const Log& log) const;

  const Host host_;
  Random& random_;
  const Clock& clock_;
  bool stopped_ = false;

  std::list<Log> order_;  ///< The next to be swept first.
  std::unordered_map<std::string_view, std::list<Log>::iterator> logs_;  ///< By name.
};

}  // namespace wscast
