#include "broker/redis/history/redis_history.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "broker/redis/history/room_keys.h"
#include "broker/redis/history/scripts.h"
#include "broker/redis/resp/error_text.h"

namespace wscast::redis {
namespace {

/// Lua counts up to here without a gap; no history comes so far.
constexpr std::uint64_t kMaxOffset = std::uint64_t{1} << 53;

std::string size_of(const HistoryLimits& limits) {
  return std::to_string(limits.size);
}

std::string ttl_of(const HistoryLimits& limits) {
  return std::to_string(limits.ttl.count());
}

}  // namespace

struct RedisHistory::Reading {
  HistoryRead read;
  Page done;
  RoomOrder::Ticket ticket;
  PageBuilder builder;
};

struct RedisHistory::PositionsReading {
  std::vector<Room> rooms;
  Positions done;
  RoomOrder::Ticket ticket;
  std::vector<std::optional<Position>> positions{};
  std::size_t missing = 0;  ///< Calls that are not answered yet.
};

void RedisHistory::append(HistoryAppend append, Appended done) {
  append_and_explain(std::move(append), [done = std::move(done)](const AppendOutcome& outcome) {
    if (done) done(outcome.appended);
  });
}

void RedisHistory::append_and_explain(HistoryAppend append, OnAppended done) {
  const auto ticket = order_.enter({append.room});
  const auto finish = [this, ticket, done = std::move(done)](const AppendOutcome& outcome) {
    host_.count(outcome.appended.backplane);
    RoomOrder::finish(ticket, [done, outcome] { done(outcome); });
  };
  if (append.envelope.size() > settings_.max_envelope_bytes)
    return host_.later([finish] { finish({}); });
  if (!batch_.fits(append)) flush();
  const bool first = batch_.empty();
  batch_.add(std::move(append), finish);
  if (first) host_.later([this] { flush(); });
}

void RedisHistory::flush() {
  if (batch_.empty()) return;
  auto batch = std::exchange(batch_, {});
  auto keys = room_keys(settings_.prefix, batch.room);
  ScriptCall call{&append_script(), {std::move(keys.position), std::move(keys.stream)}};
  for (const auto& key : batch.keys) call.keys.push_back(keys.once + key);
  call.arguments = std::move(batch.envelopes);
  call.arguments.insert(call.arguments.begin(),
                        {std::move(keys.channel), size_of(batch.limits), ttl_of(batch.limits)});
  host_.run(std::move(call), [this, done = std::move(batch.done)](const Publisher::Answer& answer) {
    on_appended(done, answer);
  });
}

void RedisHistory::on_appended(const std::vector<OnAppended>& done,
                               const Publisher::Answer& answer) {
  auto appended =
      answer.reply == nullptr ? std::nullopt : parse_append_reply(*answer.reply, done.size());
  if (appended) {
    for (std::size_t i = 0; i < done.size(); ++i) done[i](outcome(std::move((*appended)[i])));
    return;
  }
  const bool refused =
      answer.reply == nullptr ? !answer.sent : answer.reply->kind == RespValue::Kind::error;
  AppendOutcome same;
  same.appended.backplane = refused ? Backplane::down : Backplane::unknown;
  same.refusal = refuse(answer);
  for (const auto& finish : done) finish(same);
}

AppendOutcome RedisHistory::outcome(AppendReply append) {
  if (append.refusal.empty()) {
    return {{Backplane::ok, std::move(append.position), append.repeated}};
  }
  return {{append.kept ? Backplane::unknown : Backplane::down}, refuse(append.refusal)};
}

void RedisHistory::read(HistoryRead read, Page done) {
  PageBuilder builder(std::min(read.after, kMaxOffset), read.max_bytes);
  auto ticket = order_.enter({read.room});
  read_part(std::make_shared<Reading>(
      Reading{std::move(read), std::move(done), std::move(ticket), std::move(builder)}));
}

void RedisHistory::read_part(const std::shared_ptr<Reading>& reading) {
  flush();
  const auto& read = reading->read;
  const auto& builder = reading->builder;
  auto keys = room_keys(settings_.prefix, read.room);
  const auto up_to = builder.up_to();
  host_.run({&read_script(),
             {std::move(keys.position), std::move(keys.stream)},
             {std::to_string(builder.after()), up_to ? std::to_string(*up_to) : "",
              size_of(read.limits), ttl_of(read.limits)}},
            [this, reading](const Publisher::Answer& answer) { on_part(reading, answer); });
}

void RedisHistory::on_part(const std::shared_ptr<Reading>& reading,
                           const Publisher::Answer& answer) {
  auto part = answer.reply == nullptr ? std::nullopt : parse_read_reply(*answer.reply);
  if (part && !reading->builder.add(std::move(*part))) return read_part(reading);
  if (!part) refuse(answer);
  const bool available = part.has_value();
  RoomOrder::finish(reading->ticket, [reading, available] {
    reading->done(available ? reading->builder.take() : HistoryPage{});
  });
}

void RedisHistory::read_positions(std::vector<Room> rooms, Positions done) {
  if (rooms.empty()) return host_.later([done = std::move(done)] { done({}); });
  std::vector<std::string> names;
  names.reserve(rooms.size());
  for (const auto& room : rooms) names.push_back(room.name);
  const auto reading = std::make_shared<PositionsReading>(
      PositionsReading{std::move(rooms), std::move(done), order_.enter(std::move(names))});
  const auto total = reading->rooms.size();
  reading->positions.resize(total);
  reading->missing = (total + settings_.rooms_per_call - 1) / settings_.rooms_per_call;
  for (std::size_t first = 0; first < total; first += settings_.rooms_per_call)
    read_some_positions(reading, first, std::min(settings_.rooms_per_call, total - first));
}

void RedisHistory::read_some_positions(const std::shared_ptr<PositionsReading>& reading,
                                       std::size_t first, std::size_t count) {
  flush();
  ScriptCall call{&positions_script()};
  for (auto i = first; i < first + count; ++i) {
    auto keys = room_keys(settings_.prefix, reading->rooms[i].name);
    call.keys.push_back(std::move(keys.position));
    call.keys.push_back(std::move(keys.stream));
    call.arguments.push_back(ttl_of(reading->rooms[i].limits));
  }
  host_.run(std::move(call), [this, reading, first, count](const Publisher::Answer& answer) {
    auto some =
        answer.reply == nullptr ? std::nullopt : parse_positions_reply(*answer.reply, count);
    if (!some) {
      refuse(answer);
    } else {
      if (!some->refusal.empty()) refuse(some->refusal);
      std::ranges::move(some->positions,
                        reading->positions.begin() + static_cast<std::ptrdiff_t>(first));
    }
    if (--reading->missing > 0) return;
    RoomOrder::finish(reading->ticket, [reading] { reading->done(std::move(reading->positions)); });
  });
}

std::string RedisHistory::refuse(const Publisher::Answer& answer) {
  return answer.reply == nullptr ? "" : refuse(error_text(*answer.reply));
}

/// Redis adds where in the script it happened, which tells nothing and differs.
std::string RedisHistory::refuse(const std::string& why) {
  auto words = why.substr(0, why.find(" script: "));
  const bool read_only = words.find("READONLY") != std::string::npos;
  (read_only ? host_.read_only : host_.refused)(words);
  return words;
}

}  // namespace wscast::redis
