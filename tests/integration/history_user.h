#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "broker/history.h"
#include "support/broker_world.h"

namespace wscast::test {

/// The history of a broker that has started; what is asked here is awaited on the world's loop.
class HistoryUser {
 public:
  HistoryUser(BrokerWorld& world, BrokerUser& broker) : world_(world), broker_(broker) {}

  BrokerUser& broker() { return broker_; }
  History& history() { return *broker_.broker().history(); }

  HistoryAppended append(const std::string& room, const std::string& envelope,
                         const std::string& key = "") {
    std::optional<HistoryAppended> appended;
    history().append({room, envelope, limits, key}, [&](const auto& it) { appended = it; });
    return await(appended);
  }

  HistoryPage read(const std::string& room, std::uint64_t after) {
    std::optional<HistoryPage> page;
    history().read({room, after, limits}, [&](auto it) { page = std::move(it); });
    return await(page);
  }

  std::vector<std::optional<Position>> positions(const std::vector<std::string>& names) {
    std::vector<History::Room> rooms;
    for (const auto& name : names) rooms.push_back({name, limits});
    std::optional<std::vector<std::optional<Position>>> positions;
    history().read_positions(rooms, [&](auto it) { positions = std::move(it); });
    return await(positions);
  }

  HistoryLimits limits;  ///< Of what is asked here.

 private:
  template <class T>
  T await(std::optional<T>& result) {
    if (result) throw std::logic_error("called back inside the call");
    if (!world_.run_until([&] { return result.has_value(); }))
      throw std::runtime_error("no result");
    return std::move(*result);
  }

  BrokerWorld& world_;
  BrokerUser& broker_;
};

inline std::vector<std::uint64_t> offsets(const HistoryPage& page) {
  std::vector<std::uint64_t> offsets;
  for (const auto& entry : page.entries) offsets.push_back(entry.offset);
  return offsets;
}

/// `OFFSET ENVELOPE` of each.
inline std::vector<std::string> texts(const HistoryPage& page) {
  std::vector<std::string> texts;
  for (const auto& entry : page.entries)
    texts.push_back(std::to_string(entry.offset) + ' ' + entry.envelope);
  return texts;
}

}  // namespace wscast::test
