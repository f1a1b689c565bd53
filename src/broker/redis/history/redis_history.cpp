#include "broker/redis/history/redis_history.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

#include "base/given_up.h"
#include "broker/redis/history/room_keys.h"
#include "broker/redis/history/scripts.h"
#include "broker/redis/pubsub/run_owed.h"
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

void finish_all(AppendBatch& batch, const AppendOutcome& outcome) noexcept {
  for (const auto& message : batch.messages()) run_owed([&] { message.done(outcome); });
}

}  // namespace

struct RedisHistory::Appending {
  OnAppended done;
  AppendOutcome outcome{};

  /// Without memory for the whole it keeps what is certain.
  void set(const AppendOutcome& known) noexcept try {
    outcome = known;
  } catch (const std::exception&) {
    const bool down = known.appended.backplane == Backplane::down;
    outcome.appended.backplane = down ? Backplane::down : Backplane::unknown;
  }
};

struct RedisHistory::Reading {
  HistoryRead read;
  Page done;
  PageBuilder builder;
  bool available = false;  ///< The page is whole.
};

struct RedisHistory::PositionsReading {
  std::vector<Room> rooms;
  Positions done;
  std::vector<std::optional<Position>> positions{};
  std::size_t missing = 0;  ///< Calls that are not answered yet.
};

void RedisHistory::append(HistoryAppend append, Appended done) {
  append_and_explain(std::move(append), [done = std::move(done)](const AppendOutcome& outcome) {
    if (done) done(outcome.appended);
  });
}

void RedisHistory::append_and_explain(HistoryAppend append, OnAppended done) {
  const auto appending = std::make_shared<Appending>(Appending{std::move(done)});
  const auto ticket = order_.enter({append.room}, [this, appending] {
    host_.count(appending->outcome.appended.backplane);
    appending->done(appending->outcome);
  });
  const auto finish = [appending, ticket](const AppendOutcome& outcome) {
    if (RoomOrder::finished(ticket)) return;
    appending->set(outcome);
    RoomOrder::finish(ticket);
  };
  if (append.envelope.size() > settings_.max_envelope_bytes)
    return host_.later([finish] { finish({}); });
  while (batch_ && !batch_->fits(append)) flush();  // It may call back, and that append.
  if (batch_) return batch_->add(std::move(append), finish);
  const auto batch = std::make_shared<AppendBatch>();
  batch->add(std::move(append), finish);
  host_.later([this] { flush(); });
  batch_ = batch;
}

void RedisHistory::flush() noexcept {
  if (!batch_) return;
  const Batch batch = std::exchange(batch_, nullptr);
  try {
    send(batch);
  } catch (const std::exception& error) {
    log_given_up("messages for the history of a room", error);
    finish_all(*batch, {});
  }
}

void RedisHistory::send(const Batch& batch) {
  auto keys = room_keys(settings_.prefix, batch->room());
  ScriptCall call{&append_script(),
                  {std::move(keys.position), std::move(keys.stream)},
                  {std::move(keys.channel), size_of(batch->limits()), ttl_of(batch->limits())}};
  call.arguments.reserve(call.arguments.size() + batch->messages().size());
  for (auto& message : batch->messages()) {
    if (!message.key.empty()) call.keys.push_back(keys.once + message.key);
    call.arguments.push_back(std::move(message.envelope));
  }
  host_.run(std::move(call),
            [this, batch](const Publisher::Answer& answer) { on_appended(*batch, answer); });
}

/// Without a reply it needs no memory: that is the last call.
void RedisHistory::on_appended(AppendBatch& batch, const Publisher::Answer& answer) {
  if (answer.reply == nullptr) {
    AppendOutcome same;
    same.appended.backplane = answer.sent ? Backplane::unknown : Backplane::down;
    return finish_all(batch, same);
  }
  const auto known = outcomes(batch.messages().size(), *answer.reply);
  for (std::size_t i = 0; i < known.size(); ++i)
    run_owed([&] { batch.messages()[i].done(known[i]); });
}

std::vector<AppendOutcome> RedisHistory::outcomes(std::size_t messages, const RespValue& reply) {
  auto appended = parse_append_reply(reply, messages);
  std::vector<AppendOutcome> outcomes;
  if (appended) {
    for (auto& append : *appended) outcomes.push_back(outcome(std::move(append)));
    return outcomes;
  }
  const bool refused = reply.kind == RespValue::Kind::error;
  AppendOutcome same;
  same.appended.backplane = refused ? Backplane::down : Backplane::unknown;
  same.refusal = refuse({&reply});
  outcomes.assign(messages, same);
  return outcomes;
}

AppendOutcome RedisHistory::outcome(AppendReply append) {
  if (append.refusal.empty()) {
    return {{Backplane::ok, std::move(append.position), append.repeated}};
  }
  return {{append.kept ? Backplane::unknown : Backplane::down}, refuse(append.refusal)};
}

void RedisHistory::read(HistoryRead read, Page done) {
  PageBuilder builder(std::min(read.after, kMaxOffset), read.max_bytes);
  const auto reading =
      std::make_shared<Reading>(Reading{std::move(read), std::move(done), std::move(builder)});
  read_part(reading, order_.enter({reading->read.room}, [reading] {
    reading->done(reading->available ? reading->builder.take() : HistoryPage{});
  }));
}

void RedisHistory::read_part(const std::shared_ptr<Reading>& reading, const Ticket& ticket) {
  flush();
  const auto& read = reading->read;
  const auto& builder = reading->builder;
  auto keys = room_keys(settings_.prefix, read.room);
  const auto up_to = builder.up_to();
  host_.run({&read_script(),
             {std::move(keys.position), std::move(keys.stream)},
             {std::to_string(builder.after()), up_to ? std::to_string(*up_to) : "",
              size_of(read.limits), ttl_of(read.limits)}},
            [this, reading, ticket](const Publisher::Answer& answer) {
              on_part(reading, ticket, answer);
            });
}

void RedisHistory::on_part(const std::shared_ptr<Reading>& reading, const Ticket& ticket,
                           const Publisher::Answer& answer) {
  if (RoomOrder::finished(ticket)) return;
  auto part = answer.reply == nullptr ? std::nullopt : parse_read_reply(*answer.reply);
  if (part && !reading->builder.add(std::move(*part))) return read_part(reading, ticket);
  if (!part) refuse(answer);
  reading->available = part.has_value();
  RoomOrder::finish(ticket);
}

void RedisHistory::read_positions(std::vector<Room> rooms, Positions done) {
  if (rooms.empty()) return host_.later([done = std::move(done)] { done({}); });
  std::vector<std::string> names;
  names.reserve(rooms.size());
  for (const auto& room : rooms) names.push_back(room.name);
  const auto reading =
      std::make_shared<PositionsReading>(PositionsReading{std::move(rooms), std::move(done)});
  const auto ticket =
      order_.enter(std::move(names), [reading] { reading->done(std::move(reading->positions)); });
  const auto total = reading->rooms.size();
  reading->positions.resize(total);
  reading->missing = (total + settings_.rooms_per_call - 1) / settings_.rooms_per_call;
  for (std::size_t first = 0; first < total; first += settings_.rooms_per_call)
    read_some_positions(reading, ticket, first, std::min(settings_.rooms_per_call, total - first));
}

void RedisHistory::read_some_positions(const std::shared_ptr<PositionsReading>& reading,
                                       const Ticket& ticket, std::size_t first, std::size_t count) {
  flush();
  ScriptCall call{&positions_script()};
  for (auto i = first; i < first + count; ++i) {
    auto keys = room_keys(settings_.prefix, reading->rooms[i].name);
    call.keys.push_back(std::move(keys.position));
    call.keys.push_back(std::move(keys.stream));
    call.arguments.push_back(ttl_of(reading->rooms[i].limits));
  }
  host_.run(std::move(call),
            [this, reading, ticket, first, count](const Publisher::Answer& answer) {
              if (RoomOrder::finished(ticket)) return;
              on_positions(*reading, first, count, answer);
              if (--reading->missing == 0) RoomOrder::finish(ticket);
            });
}

void RedisHistory::on_positions(PositionsReading& reading, std::size_t first, std::size_t count,
                                const Publisher::Answer& answer) {
  auto some = answer.reply == nullptr ? std::nullopt : parse_positions_reply(*answer.reply, count);
  if (!some) {
    refuse(answer);
    return;
  }
  if (!some->refusal.empty()) refuse(some->refusal);
  std::ranges::move(some->positions,
                    reading.positions.begin() + static_cast<std::ptrdiff_t>(first));
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
